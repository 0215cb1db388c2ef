"""ControlNets: equal to the stock pipelines, alone and in company; only rows that have one are changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.addon_spec import AddonKind
from core.request import Request
from models.addons import LocalAddon
from models.catalogue import find_models
from models.engine.api import DoesNotFit, DrawnMap, FinishedImage, ImageTask, UnknownModel
from models.engine.engine import Engine
from tests.control.stock import DISC, FLOWER, MASK, PICTURES, ControlStock, controlled, draw, with_source
from tests.engine.stock import are_equal, make_request
from tests.recipes import recipe_of


@pytest.fixture(scope="module")
def engine(model_dir: Path, addons: list[LocalAddon]) -> Iterator[Engine]:
    engine = Engine(find_models([model_dir]), device="cpu", addons=addons)
    yield engine
    engine.close()


def _maps(request: Request) -> list[Image.Image]:
    return [PICTURES[unit.image] for unit in request.denoise.controls]


def _assert_equal_to_stock(ours: Image.Image, stock: ControlStock, request: Request) -> None:
    assert np.asarray(ours).std() >= 20
    assert are_equal(ours, stock.make(request, _maps(request)))
    assert not are_equal(ours, stock.make(request, _maps(request), seed=request.seed + 1))


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(controlled({}), id="one"),
        pytest.param(controlled({"scale": 0.4}), id="scaled"),
        pytest.param(controlled({"start": 0.3, "end": 0.7}), id="start and end"),
        pytest.param(controlled({}, guidance_scale=1.0), id="without guidance"),
        pytest.param(controlled({}, {"image": FLOWER, "scale": 0.7}), id="two"),
        pytest.param(controlled({"end": 0.5}, {"start": 0.5}, {"image": MASK, "scale": 0.5}), id="three"),
        pytest.param(controlled({"end": 0.6}, sampler="PNDM"), id="a call more than steps"),
        pytest.param(controlled({}, sampler="Euler a"), id="ancestral"),
        pytest.param(controlled({}, width=64), id="wide"),
        pytest.param(with_source(controlled({}, sampler="DDIM"), 0.6), id="image to image"),
        pytest.param(with_source(controlled({}, sampler="DDIM"), 0.8, MASK), id="inpainting"),
        pytest.param(with_source(controlled({}, {}), 0.7), id="image to image, two"),
    ],
)
def test_equal_to_stock(engine: Engine, control_stock: ControlStock, request_: Request) -> None:
    ours = draw(engine, request_).image
    _assert_equal_to_stock(ours, control_stock, request_)
    plain = draw(engine, _uncontrolled(request_)).image
    assert not are_equal(ours, plain), "the ControlNet is of no effect here"


def _uncontrolled(request: Request) -> Request:
    stages = tuple(
        replace(stage, controls=()) if stage is request.denoise else stage for stage in request.stages
    )
    return replace(request, stages=stages)


def _together(engine: Engine, requests: list[Request]) -> list[FinishedImage]:
    images: list[Future[FinishedImage]] = [
        engine.submit(ImageTask(request=request, inputs=PICTURES)) for request in requests
    ]
    return [image.result() for image in images]


def test_in_company_and_again(engine: Engine, control_stock: ControlStock) -> None:
    requests = [
        controlled({}, seed=1),
        make_request(seed=2),
        controlled({"scale": 0.5, "end": 0.5}, {"image": FLOWER}, seed=3),
        controlled({"start": 0.4}, seed=4, steps=8),
        make_request(seed=5, sampler="Euler a"),
    ]
    made = _together(engine, requests)
    assert {width for image in made for width, _ in image.recipe.widths[0]} & {4, 8}
    assert {width for width, _ in made[0].recipe.control_widths[0]} & {2, 4}
    for image, request in zip(made, requests, strict=True):
        assert image.recipe.fingerprint.exact
        if request.denoise.controls:
            _assert_equal_to_stock(image.image, control_stock, request)
        # Alone, in the same widths: not even companions with ControlNets left a trace.
        recipe = recipe_of(image.png())
        again = engine.submit(ImageTask(request=recipe.request, replay=recipe, inputs=PICTURES)).result()
        assert again.png() == image.png()


def test_again_in_other_company(engine: Engine) -> None:
    alone = draw(engine, controlled({"end": 0.6}, seed=6))
    assert alone.recipe.control_widths == (((1, 3), (0, 3)),)
    task = ImageTask(request=alone.recipe.request, replay=alone.recipe, inputs=PICTURES)
    again = engine.submit(task)
    strangers = _together(engine, [controlled({}, {}, seed=seed) for seed in range(10, 15)])
    assert again.result().png() == alone.png()
    assert all(image.recipe.fingerprint.exact for image in strangers)


def test_a_plain_row_beside_controlled_ones_is_as_without_them(engine: Engine) -> None:
    plain = [make_request(seed=seed) for seed in range(20, 24)]
    without = _together(engine, plain)
    beside = [
        engine.submit(ImageTask(request=image.recipe.request, replay=image.recipe)) for image in without
    ]
    _together(engine, [controlled({}, seed=seed) for seed in range(30, 33)])
    assert [image.result().png() for image in beside] == [image.png() for image in without]


def test_scale_0_changes_nothing(engine: Engine) -> None:
    muted = draw(engine, controlled({"scale": 0.0}))
    assert muted.image.tobytes() == draw(engine, make_request()).image.tobytes()
    assert muted.recipe.control_widths == (((0, 6),),)


def test_a_map_is_drawn_shown_and_can_be_given_again(engine: Engine) -> None:
    drawn = draw(engine, controlled({"preprocessor": "canny"}, {"image": FLOWER}))
    (shown,) = drawn.maps
    assert (shown.kind, shown.image.size) == ("canny", drawn.image.size)
    inputs = {**PICTURES, DISC: shown.image}
    given = engine.submit(ImageTask(request=controlled({}, {"image": FLOWER}), inputs=inputs)).result()
    assert given.image.tobytes() == drawn.image.tobytes()
    assert given.maps == ()


def test_the_images_of_a_job_share_one_map(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2

    drawn: list[int] = []

    def canny(*arguments: Any) -> np.ndarray:
        drawn.append(1)
        return edges(*arguments)

    edges = cv2.Canny
    monkeypatch.setattr(cv2, "Canny", canny)
    request = replace(controlled({"preprocessor": "canny"}), count=3)
    shared: dict[Hashable, DrawnMap] = {}
    tasks = [ImageTask(request=request, index=index, inputs=PICTURES, drawn=shared) for index in range(3)]
    images = [future.result() for future in [engine.submit(task) for task in tasks]]
    assert len(drawn) == 1
    assert [image.maps for image in images] == [images[0].maps] * 3
    # A job that follows the recipe draws its own, and the same.
    again = engine.submit(
        ImageTask(request=request, index=2, inputs=PICTURES, replay=images[2].recipe)
    ).result()
    assert again.png() == images[2].png()
    assert len(drawn) == 2


def test_what_is_not_there_or_does_not_fit_is_refused(engine: Engine) -> None:
    with pytest.raises(UnknownModel, match=r"no controlnet \.\./depth"):
        draw(engine, controlled({"model": "../depth"}))
    with pytest.raises(UnknownModel, match="no preprocessor openpose"):
        draw(engine, controlled({"preprocessor": "openpose"}))
    with pytest.raises(DoesNotFit, match="other was made for another kind of base model than Tiny"):
        draw(engine, controlled({"model": "other"}))
    assert draw(engine, make_request()).maps == ()


def test_single_files_draw_the_same(engine: Engine, addons: list[LocalAddon]) -> None:
    single = next(addon for addon in addons if addon.spec.name == "single-canny")
    assert single.path is not None
    assert single.path.is_file()
    assert single.spec.preprocessor == "canny"
    one, other = (draw(engine, controlled({"model": name})) for name in ("usual", "single-canny"))
    assert one.image.tobytes() == other.image.tobytes()
    assert one.recipe.weights_hash != other.recipe.weights_hash


def test_add_ons_are_found_and_told_apart(addons: list[LocalAddon]) -> None:
    found = {(addon.spec.kind, addon.spec.name) for addon in addons}
    assert (AddonKind.CONTROLNET, "canny") in found
    assert (AddonKind.CONTROLNET, "broken") not in found
    assert (AddonKind.PREPROCESSOR, "canny") in found
    assert not any(kind is AddonKind.MASKER for kind, _ in found)


def test_idle_add_ons_leave_to_make_room(model_dir: Path, addons: list[LocalAddon]) -> None:
    engine = Engine(find_models([model_dir]), device="cpu", addons=addons, budget_bytes=1)
    first = draw(engine, controlled({}))
    held = engine._loop._addons
    assert held.bytes > 0
    second = draw(engine, controlled({"model": "depth"}))
    assert [name for _kind, name, _hash in held._loaded] == ["depth"]
    assert first.image.tobytes() != second.image.tobytes()
    assert draw(engine, controlled({})).image.tobytes() == first.image.tobytes()
    engine.close()
