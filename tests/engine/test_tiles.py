"""Large pictures in tiles: rows of the one loop, one sampler, the same bytes again."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import EulerDiscreteScheduler

from core.errors import BadOption
from core.options.upscale import in_tiles
from core.price import total_work
from core.request import Request
from core.stages import Denoise, DenoiseTiles
from models.catalogue import LocalModel
from models.engine.api import ImageCancelled, ImageTask
from models.engine.engine import Engine
from models.engine.images import start_run
from models.engine.lanes import Lanes, Tick
from models.engine.tiles import mixed, windows_of
from models.engine.widths import WIDTHS
from models.plans import Way
from tests.engine.plans import drawn
from tests.engine.stock import are_equal, given, make_picture_request

SIDE, TILE = 64, 32


def _tiled(request: Request, **changes: Any) -> Request:
    """The request with its denoising in tiles."""
    stages = tuple(
        replace(in_tiles(stage, 0.6, TILE), **changes) if isinstance(stage, Denoise) else stage
        for stage in request.stages
    )
    return replace(request, stages=stages)


def _plain(**options: Any) -> Request:
    return make_picture_request(width=SIDE, height=SIDE, **options)


def _task(request: Request, **options: Any) -> ImageTask:
    return ImageTask(request=request, inputs=given(SIDE, SIDE), **options)


def test_a_tile_as_large_as_the_picture_is_the_picture(engine: Engine) -> None:
    plain, one_tile = (engine.submit(_task(one)) for one in (_plain(), _tiled(_plain(), tile=SIDE)))
    assert are_equal(plain.result().image, one_tile.result().image)


@pytest.mark.parametrize("sampler", ["Euler a", "DPM++ 2M", "Heun"])
def test_the_same_bytes_again_in_other_company(engine: Engine, sampler: str) -> None:
    request = _tiled(_plain(sampler=sampler))
    first = engine.submit(_task(request)).result()
    strangers = [engine.submit(_task(_plain(seed=seed))) for seed in range(3)]
    strangers += [engine.submit(_task(make_picture_request(seed=seed))) for seed in range(3)]
    again = engine.submit(_task(request, replay=first.recipe)).result()
    other = engine.submit(_task(replace(request, seed=8))).result()
    assert again.png() == first.png() != other.png()
    assert np.asarray(first.image).std() >= 20
    (widths,) = first.recipe.widths
    assert sum(calls for _, calls in widths) == 9 * request.unet_calls
    for stranger in strangers:
        stranger.result()


def test_many_tiles_hold_few_places_and_see_one_input(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many rows as fit in one call stand for all of them, and each step scales the picture once."""
    rows, scaled = [], []

    def next_tick(self: Lanes) -> Tick | None:
        rows.append(len(self))
        return original(self)

    def scale(self: EulerDiscreteScheduler, sample: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        scaled.append(float(time))
        return scaling(self, sample, time)

    original, scaling = Lanes.next_tick, EulerDiscreteScheduler.scale_model_input
    monkeypatch.setattr(Lanes, "next_tick", next_tick)
    monkeypatch.setattr(EulerDiscreteScheduler, "scale_model_input", scale)
    side = 4 * TILE
    request = _tiled(make_picture_request(width=side, height=side, steps=3), strength=1.0)
    first = engine.submit(ImageTask(request=request, inputs=given(side, side))).result()
    assert isinstance(request.denoise, DenoiseTiles) and request.denoise.tiles == 25
    assert max(rows) == WIDTHS[-1] and len(scaled) == 3
    (widths,) = first.recipe.widths
    assert sum(calls for _, calls in widths) == 3 * 25


def test_inside_a_mask_too(engine: Engine) -> None:
    request = _tiled(_plain(masked=True, composited=True))
    first = engine.submit(_task(request)).result()
    assert engine.submit(_task(request, replay=first.recipe)).result().png() == first.png()


def test_many_tiles_can_be_cancelled(engine: Engine) -> None:
    task = _task(_tiled(_plain(steps=200)))
    future = engine.submit(task)
    engine.submit(_task(make_picture_request())).result()
    task.cancelled.set()
    with pytest.raises(ImageCancelled):
        future.result()


def test_progress_counts_steps_of_the_whole_picture(engine: Engine) -> None:
    told: list[int] = []
    request = _tiled(_plain())
    engine.submit(_task(request, on_progress=lambda done, _total, _preview: told.append(done))).result()
    assert told == list(range(1, request.unet_calls + 1))


def test_windows_cover_the_picture_and_share_what_they_should() -> None:
    stage = in_tiles(make_picture_request(width=200, height=40).denoise, 0.3, 64)
    assert stage.starts(200) == (0, 45, 91, 136) and stage.starts(40) == (0,)
    windows = windows_of(stage, 8)
    assert [(one.left, one.width, one.height) for one in windows] == [
        (0, 8, 5),
        (6, 8, 5),
        (11, 8, 5),
        (17, 8, 5),
    ]
    assert len(windows) == stage.tiles


def test_what_tiles_agree_on_stays_as_it_is() -> None:
    windows = windows_of(in_tiles(make_picture_request(width=200, height=120).denoise, 0.3, 64), 8)
    whole = torch.randn(1, 4, 15, 25)
    parts = tuple(window.of(whole) for window in windows)
    assert torch.allclose(mixed(parts, windows, whole), whole, atol=1e-6)


def test_tiles_are_paid_for_with_what_they_share() -> None:
    plain = replace(_plain().denoise, strength=0.6)
    request = replace(_plain(), stages=(*_plain().stages[:2], plain, _plain().stages[3]))
    assert total_work(_tiled(_plain())) == pytest.approx(total_work(request) * 9 * TILE**2 / SIDE**2)


@pytest.mark.parametrize(
    "changes", [{"overlap": 32}, {"overlap": 4}, {"tile": 20}, {"tiling": True}, {"strength": 2.0}]
)
def test_tiles_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    stage = in_tiles(_plain().denoise, 0.3, TILE)
    assert isinstance(stage, DenoiseTiles)
    with pytest.raises(BadOption):
        replace(stage, **changes)


def test_memory_is_kept_for_the_whole_picture_too(models: list[LocalModel]) -> None:
    run = start_run(_task(_tiled(_plain())), Future())
    plan = drawn(models[0], Way.TILED).plan
    assert plan is not None and run.working(None) == 0
    assert run.working(plan) == plan.working(TILE**2, SIDE**2) > plan.working(TILE**2)
