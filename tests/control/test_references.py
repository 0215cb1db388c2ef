"""IP-Adapters: equal to the stock pipelines, with text and ControlNets; no lane sees another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.guides import Reference
from models.addons import LocalAddon
from models.catalogue import find_models
from models.engine.api import DoesNotFit, ImageTask, UnknownModel
from models.engine.engine import Engine
from tests.control.stock import (
    DISC,
    FLOWER,
    MASK,
    PICTURES,
    ControlStock,
    controlled,
    draw,
    referred,
    with_source,
)
from tests.engine.stock import are_equal, make_request
from tests.recipes import recipe_of

PLAIN = Reference(model="plain", images=(DISC,))
PLUS = Reference(model="plus", images=(FLOWER,), scale=1.0)


@pytest.fixture(scope="module")
def engine(model_dir: Path, addons: list[LocalAddon]) -> Iterator[Engine]:
    engine = Engine(find_models([model_dir]), device="cpu", addons=addons)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(referred(PLAIN), id="with text"),
        pytest.param(referred(PLAIN, prompt=""), id="alone"),
        pytest.param(referred(PLAIN, guidance_scale=1.0), id="without guidance"),
        pytest.param(referred(Reference(model="plain", images=(DISC, FLOWER))), id="several pictures"),
        pytest.param(referred(PLUS), id="plus"),
        pytest.param(referred(PLAIN, PLUS), id="two adapters"),
        pytest.param(with_source(referred(PLUS, sampler="DDIM"), 0.7), id="image to image"),
        pytest.param(controlled({"end": 0.5}, references=(PLAIN,)), id="with a ControlNet"),
        pytest.param(controlled({}, {"image": MASK}, references=(PLUS,)), id="with two ControlNets"),
    ],
)
def test_equal_to_stock(engine: Engine, control_stock: ControlStock, request_) -> None:
    ours = draw(engine, request_).image
    maps = [PICTURES[unit.image] for unit in request_.denoise.controls]
    assert np.asarray(ours).std() >= 20
    assert are_equal(ours, control_stock.make(request_, maps))
    assert not are_equal(ours, control_stock.make(request_, maps, seed=request_.seed + 1))


def test_pictures_scales_and_adapters_count(engine: Engine) -> None:
    requests = [
        make_request(),
        referred(PLAIN),
        referred(Reference(model="plain", images=(FLOWER,))),
        referred(Reference(model="plain", images=(DISC,), scale=1.2)),
        referred(PLUS),
    ]
    images = [draw(engine, request).image for request in requests]
    for number, one in enumerate(images):
        assert not any(are_equal(one, other) for other in images[number + 1 :])


def test_scale_0_is_none_exactly(engine: Engine) -> None:
    none = draw(engine, make_request())
    muted = draw(engine, referred(Reference(model="plain", images=(DISC,), scale=0.0)))
    assert muted.image.tobytes() == none.image.tobytes()


def test_lanes_do_not_leak_into_each_other(engine: Engine) -> None:
    requests = [
        make_request(seed=1, steps=9),
        referred(PLAIN, seed=2),
        referred(PLAIN, seed=3),
        referred(PLUS, PLAIN, seed=4, steps=7),
        referred(Reference(model="plain", images=(FLOWER,), scale=1.5), seed=5),
        controlled({}, seed=6),
    ]
    alone = [draw(engine, request) for request in requests]
    tasks = [ImageTask(request=image.recipe.request, replay=image.recipe, inputs=PICTURES) for image in alone]
    together = [engine.submit(task) for task in tasks]
    for image, again in zip(alone, together, strict=True):
        assert again.result().png() == image.png()
        assert image.recipe.fingerprint.exact


def test_rows_of_one_lane_share_calls_and_replay(engine: Engine, control_stock: ControlStock) -> None:
    requests = [referred(PLAIN, seed=seed) for seed in range(4)]
    futures = [engine.submit(ImageTask(request=request, inputs=PICTURES)) for request in requests]
    met = {width for future in futures for width, _ in future.result().recipe.widths[0]}
    assert met & {2, 4}
    for future, request in zip(futures, requests, strict=True):
        image = future.result()
        assert are_equal(image.image, control_stock.make(request, []))
        recipe = recipe_of(image.png())
        again = ImageTask(request=recipe.request, replay=recipe, inputs=PICTURES)
        assert engine.submit(again).result().png() == image.png()


def test_what_is_not_there_or_does_not_fit_is_refused(engine: Engine) -> None:
    with pytest.raises(UnknownModel, match="no ip adapter nothing"):
        draw(engine, referred(Reference(model="nothing", images=(DISC,))))
    with pytest.raises(DoesNotFit, match="other was made for another kind of base model than Tiny"):
        draw(engine, referred(Reference(model="other", images=(DISC,))))
    draw(engine, make_request())
