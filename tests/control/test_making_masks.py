"""A mask that a stage makes is the mask of the stages that follow, and is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.addon_spec import POINT_MASKER, TEXT_MASKER, AddonKind
from core.needs import Need, needs_of_stage
from core.request import Request
from core.stages import MADE_MASK, Composite, MakeMask
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.api import ImageTask, UnknownModel
from models.engine.engine import Engine
from tests.control.stock import FLOWER, MASK, PICTURES, draw, with_source
from tests.engine.stock import make_request


def _inpainting(mask: str, *before: MakeMask) -> Request:
    request = with_source(make_request(sampler="DDIM"), 1.0, mask)
    return replace(request, stages=(*before, *request.stages, Composite(image=FLOWER, mask=mask)))


@pytest.mark.parametrize("thing", [{"text": "the hat"}, {"point": (0.5, 0.5)}])
def test_the_made_mask_is_used_and_shown(model_dir: Path, seers: Path, thing: dict[str, object]) -> None:
    engine = Engine(find_models([model_dir]), device="cpu", addons=find_addons([seers]))
    request = _inpainting(MADE_MASK, MakeMask(image=FLOWER, **thing))
    assert request.images == {FLOWER}
    assert Request.from_json(request.to_json()) == request
    made = draw(engine, request)
    (shown,) = made.maps
    assert (shown.kind, shown.image.mode) == ("mask", "L")
    given = {**PICTURES, MASK: shown.image}
    again = engine.submit(ImageTask(request=_inpainting(MASK), inputs=given)).result()
    assert again.image.tobytes() == made.image.tobytes()
    kept = np.asarray(shown.image) < 128
    assert (np.asarray(made.image)[kept] == np.asarray(PICTURES[FLOWER])[kept]).all()
    engine.close()


@pytest.mark.parametrize("thing", [{"text": "the hat"}, {"point": (0.3, 0.6)}])
def test_of_a_picture_that_the_model_does_not_draw_at_its_size(
    model_dir: Path, seers: Path, thing: dict[str, object]
) -> None:
    engine = Engine(find_models([model_dir]), device="cpu", addons=find_addons([seers]))
    flower = PICTURES[FLOWER].resize((101, 47))
    text, encode, *rest = _inpainting(MADE_MASK).stages
    stages = (MakeMask(image=FLOWER, **thing), text, replace(encode, whole=flower.size), *rest)
    request = replace(make_request(), stages=stages)
    made = engine.submit(ImageTask(request=request, inputs={FLOWER: flower})).result()
    engine.close()
    (shown,) = made.maps
    assert shown.image.size == made.image.size == flower.size
    kept = np.asarray(shown.image) < 128
    assert (np.asarray(made.image)[kept] == np.asarray(flower)[kept]).all()


@pytest.mark.parametrize(
    ("thing", "masker"),
    [({"text": "the hat"}, TEXT_MASKER), ({"point": (0, 0)}, POINT_MASKER),
     ({"text": " ", "point": (0, 0)}, POINT_MASKER)],
)  # fmt: skip
def test_what_names_the_thing_says_who_finds_it(thing: dict[str, object], masker: str) -> None:
    stage = MakeMask(image=FLOWER, **thing)
    assert stage.masker == masker
    assert list(needs_of_stage(stage)) == [Need(kind=AddonKind.MASKER, name=masker)]


def test_without_its_weights_it_is_refused(model_dir: Path) -> None:
    engine = Engine(find_models([model_dir]), device="cpu", addons=find_addons([model_dir]))
    with pytest.raises(UnknownModel, match="no masker clipseg"):
        draw(engine, _inpainting(MADE_MASK, MakeMask(image=FLOWER, text="the hat")))
    engine.close()
