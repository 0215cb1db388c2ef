"""The engine's promises to those who submit: progress, cancelling, failures that stay with their image."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import NoReturn
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from models.catalogue import LocalModel
from models.engine import loop, preview, tick
from models.engine.api import (
    EngineClosed,
    FinishedImage,
    ImageCancelled,
    ImageFailed,
    ImageTask,
    Preview,
    UnknownModel,
)
from models.engine.engine import Engine
from models.engine.rows import Row
from models.engine.stages import decode as decode_stage
from tests.engine.stock import make_request


def test_progress_counts_unet_calls(engine: Engine) -> None:
    seen: list[tuple[int, int]] = []
    request = make_request(sampler="PNDM", steps=5)
    task = ImageTask(request=request, on_progress=lambda done, total, _: seen.append((done, total)))
    engine.submit(task).result()
    assert seen == [(number, 6) for number in range(1, 7)]


def test_cancel_at_the_next_step(engine: Engine) -> None:
    cancelled = threading.Event()
    calls: list[int] = []

    def stop_at_third(done: int, _total: int, _preview: Preview) -> None:
        calls.append(done)
        if done == 3:
            cancelled.set()

    request = make_request(steps=50)
    companion = engine.submit(ImageTask(request=make_request(steps=12)))
    stopped = engine.submit(ImageTask(request=request, on_progress=stop_at_third, cancelled=cancelled))
    with pytest.raises(ImageCancelled):
        stopped.result()
    assert calls == [1, 2, 3]
    assert companion.result().image.size == (32, 32)


def test_cancelled_before_the_decode_is_not_decoded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[object] = []
    monkeypatch.setattr(decode_stage, "decode", lambda *inputs, **_: decoded.append(inputs))
    cancelled = threading.Event()

    def stop_at_last(done: int, total: int, _preview: Preview) -> None:
        if done == total:
            cancelled.set()

    task = ImageTask(request=make_request(steps=3), on_progress=stop_at_last, cancelled=cancelled)
    assert isinstance(engine.submit(task).exception(), ImageCancelled)
    assert decoded == []


def test_cancelled_before_it_began(engine: Engine) -> None:
    cancelled = threading.Event()
    cancelled.set()
    image = engine.submit(ImageTask(request=make_request(), cancelled=cancelled))
    assert isinstance(image.exception(), ImageCancelled)


def test_a_failing_row_leaves_its_companions(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three images of one batch; one's sampler breaks in its third step."""
    step = Row.step

    def breaks_for_seed_2(row: Row, prediction: torch.Tensor, width: int) -> None:
        if row.run.task.request.seed == 2 and row.call == 2:
            raise ZeroDivisionError
        step(row, prediction, width)

    alone = [_picture(engine.submit(ImageTask(request=make_request(seed=seed)))) for seed in (1, 3)]
    monkeypatch.setattr(Row, "step", breaks_for_seed_2)
    images = [engine.submit(ImageTask(request=make_request(seed=seed))) for seed in (1, 2, 3)]
    assert isinstance(images[1].exception(), ImageFailed)
    assert isinstance(images[1].exception().__cause__, ZeroDivisionError)
    for image, expected in zip((images[0], images[2]), alone, strict=True):
        assert np.abs(_picture(image) - expected).max() <= 1


def test_a_failing_call_is_tried_row_by_row(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that hold the poisonous row fail as a whole; alone, only it fails."""
    call_unet = tick.call_unet
    poison = make_request("poison", seed=2, steps=6)

    def breaks_for_poison(tick_: tick.Tick, batch: tick.Batch) -> torch.Tensor:
        if any(row.run.task.request == poison for row in tick_.rows):
            raise torch.OutOfMemoryError("no room")
        return call_unet(tick_, batch)

    monkeypatch.setattr(tick, "call_unet", breaks_for_poison)
    healthy = [make_request(seed=seed, steps=6) for seed in range(5)]
    images = [engine.submit(ImageTask(request=request)) for request in [*healthy[:2], poison, *healthy[2:]]]
    assert "more memory" in str(images.pop(2).exception())
    assert all(sum(calls for _, calls in image.result().recipe.widths[0]) == 6 for image in images)


def test_a_call_too_wide_for_the_memory_is_not_repeated(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_unet = tick.call_unet
    failed: list[int] = []
    held: list[weakref.ref[torch.Tensor]] = []
    leaked: list[bool] = []

    def fits_up_to_2(tick_: tick.Tick, batch: tick.Batch) -> torch.Tensor:
        leaked.extend(tensor() is not None for tensor in held)
        held.clear()
        if tick_.width > 2:
            failed.append(tick_.width)
            held.append(weakref.ref(batch.inputs))
            raise torch.OutOfMemoryError("no room")
        return call_unet(tick_, batch)

    monkeypatch.setattr(tick, "call_unet", fits_up_to_2)
    # pytest keeps what is logged, and so the tracebacks and all that they hold.
    monkeypatch.setattr(loop.logger, "disabled", True)
    images = [engine.submit(ImageTask(request=make_request(seed=seed, steps=12))) for seed in range(8)]
    assert all(image.result().image for image in images)
    assert failed == sorted(set(failed), reverse=True)
    assert leaked == [False] * len(failed) != []


def _break_device(*_: object, **_options: object) -> NoReturn:
    raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")


_LIBRARY_ERROR = RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED")


@pytest.mark.parametrize(
    "breaks",
    [
        pytest.param({"call_unet": _break_device}, id="call"),
        pytest.param(
            {"call_unet": Mock(side_effect=_LIBRARY_ERROR), "synchronize": _break_device}, id="library"
        ),
        pytest.param({"decode": _break_device}, id="decode"),
        pytest.param({"fit_linear_decoder": _break_device}, id="preview"),
    ],
)
def test_a_broken_device_ends_the_engine_and_blames_no_image(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, breaks: dict[str, Callable[..., object]]
) -> None:
    for name, broken in breaks.items():
        module = {"call_unet": tick, "decode": decode_stage, "fit_linear_decoder": preview}.get(name, loop)
        monkeypatch.setattr(module, name, broken)
    requests = [make_request(seed=seed, steps=3 + seed) for seed in range(3)]
    images = [
        engine.submit(ImageTask(request=request, on_progress=lambda _done, _total, show: show()))
        for request in requests
    ]
    assert all(isinstance(image.exception(timeout=20), EngineClosed) for image in images)
    # No worker is to claim more for it while the process ends.
    assert engine.room == 0
    assert isinstance(engine.submit(ImageTask(request=requests[0])).exception(timeout=20), EngineClosed)


def test_what_on_progress_raises_fails_its_image_alone(engine: Engine) -> None:
    def breaks(_done: int, _total: int, _preview: Preview) -> None:
        raise RuntimeError

    broken = engine.submit(ImageTask(request=make_request(), on_progress=breaks))
    healthy = engine.submit(ImageTask(request=make_request(seed=8)))
    assert isinstance(broken.exception(), ImageFailed)
    assert healthy.result().image


def test_overflow_fails_instead_of_giving_a_black_picture(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimate = Row.finish

    def overflowing(row: Row) -> None:
        row.latents = row.latents * float("nan")
        estimate(row)

    monkeypatch.setattr(Row, "finish", overflowing)
    assert "overflowed" in str(engine.submit(ImageTask(request=make_request())).exception())


def test_unknown_model_and_paths(engine: Engine) -> None:
    for name in ("nothing", "../../etc/passwd", "/etc", "tiny/../tiny", ""):
        image = engine.submit(ImageTask(request=replace(make_request(), model=name)))
        assert isinstance(image.exception(), UnknownModel)


@pytest.mark.parametrize("kept", [slice(1, None), slice(0, 1), slice(0, 2)])
def test_requests_with_missing_stages_fail_by_themselves(engine: Engine, kept: slice) -> None:
    whole = make_request(steps=3)
    broken = engine.submit(ImageTask(request=replace(whole, stages=whole.stages[kept])))
    healthy = engine.submit(ImageTask(request=whole))
    assert isinstance(broken.exception(), ImageFailed)
    assert healthy.result().image


def test_images_of_one_request_differ_by_seed(engine: Engine) -> None:
    request = replace(make_request(seed=2**32 - 1), count=2)
    first, second = (engine.submit(ImageTask(request=request, index=index)).result() for index in (0, 1))
    assert (first.recipe.seed, second.recipe.seed) == (2**32 - 1, 0)
    same = engine.submit(ImageTask(request=make_request(seed=0))).result()
    assert np.array_equal(np.asarray(second.image), np.asarray(same.image))
    assert not np.array_equal(np.asarray(first.image), np.asarray(second.image))


def test_room_and_signs_of_life(models: list[LocalModel]) -> None:
    engine = Engine(models, device="cpu", max_width=2)
    assert engine.room == 4
    assert engine.resident == frozenset()
    images = [engine.submit(ImageTask(request=make_request(steps=40, seed=seed))) for seed in range(5)]
    assert engine.room == 0
    for image in images:
        image.result()
    assert engine.room == 4
    assert engine.resident == {"tiny"}
    before = engine.last_tick
    deadline = time.monotonic() + 5
    while engine.last_tick == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert engine.last_tick > before
    engine.close()


def test_closing_ends_what_is_under_way(models: list[LocalModel]) -> None:
    engine = Engine(models, device="cpu")
    started = threading.Event()
    task = ImageTask(request=make_request(steps=900), on_progress=lambda *_: started.set())
    long, waiting = engine.submit(task), engine.submit(ImageTask(request=make_request(steps=900)))
    assert started.wait(20)
    engine.close()
    assert isinstance(long.exception(), EngineClosed)
    assert isinstance(waiting.exception(), EngineClosed)
    assert isinstance(engine.submit(ImageTask(request=make_request())).exception(), EngineClosed)


def _picture(image: Future[FinishedImage]) -> np.ndarray:
    return np.asarray(image.result().image).astype(int)
