"""X/Y grids: one job whose images differ along one or two axes.

A grid's request holds its axes; each of its images is a request of its own, which the engine draws as any
other. All images start from the same seed, unless an axis changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.errors import BadOption
from core.request import Axis, Request
from core.samplers import SAMPLERS
from core.stages import Denoise, EncodeText, Stage
from core.words import _

#: Most values of one axis; two axes make up to 25 images.
MAX_VALUES = 5


def image_request(request: Request, index: int) -> Request:
    """Image `index` (0-based; a grid's row by row) as an order of its own, without axes. Raises BadOption."""
    alone = replace(
        request,
        seed=request.image_seed(index),
        count=1,
        axes=(),
        stages=tuple(_own_variation(request, stage, index) for stage in request.stages),
    )
    for axis, value in zip(request.axes, request.place(index), strict=True):
        alone = AXES[axis.name](alone, axis.values[value], axis)
    return alone


def image_label(request: Request, index: int) -> str:
    """What is particular to a grid's image, like "steps 10 · guidance 4"."""
    values = zip(request.axes, request.place(index), strict=True)
    return " · ".join(f"{axis.name} {axis.values[value]}" for axis, value in values)


def image_calls(request: Request, index: int) -> int:
    """UNet calls that image `index` takes."""
    return image_request(request, index).unet_calls if request.axes else request.unet_calls


def total_calls(request: Request) -> int:
    """UNet calls that all images take together."""
    if not request.axes:
        return request.unet_calls * request.count
    return sum(image_calls(request, index) for index in range(request.count))


def _own_variation(request: Request, stage: Stage, index: int) -> Stage:
    if isinstance(stage, Denoise) and stage.variation is not None:
        seed = request.variation_seed(stage.variation, index)
        return replace(stage, variation=replace(stage.variation, seed=seed))
    return stage


def _denoising(request: Request, **values: Any) -> Request:
    stages = tuple(
        replace(stage, **values) if isinstance(stage, Denoise) else stage for stage in request.stages
    )
    return replace(request, stages=stages)


def _whole(axis: Axis, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 20):
        raise BadOption(axis.name, value, _("choose whole numbers."))
    return int(value)


def _decimal(axis: Axis, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise BadOption(axis.name, value, _("choose numbers.")) from None


def _sampler(request: Request, value: str, _: Axis) -> Request:
    """The sampler on the schedule asked for, or where it can't run on that, on its own."""
    schedules = SAMPLERS[value].schedules
    for stage in request.stages:
        if isinstance(stage, Denoise) and stage.schedule not in schedules:
            request = _denoising(request, sampler=value, schedule=schedules[0])
    return _denoising(request, sampler=value)


def _strength(request: Request, value: str, axis: Axis) -> Request:
    """The strength of what starts from a picture, or of hires fix's second pass."""
    strength = _decimal(axis, value)
    if all(stage.strength is None for stage in request.stages if isinstance(stage, Denoise)):
        raise BadOption(axis.name, value, _("it needs a picture to start from."))
    stages = tuple(
        replace(stage, strength=strength)
        if isinstance(stage, Denoise) and stage.strength is not None
        else stage
        for stage in request.stages
    )
    return replace(request, stages=stages)


def _words(request: Request, value: str, axis: Axis) -> Request:
    """The first value, where the prompt says it, becomes this one."""
    first = axis.values[0]
    if not any(isinstance(stage, EncodeText) and first in stage.prompt for stage in request.stages):
        raise BadOption(
            axis.name, first, _("begin with words that the prompt holds; the others replace them.")
        )
    stages = tuple(
        replace(stage, prompt=stage.prompt.replace(first, value)) if isinstance(stage, EncodeText) else stage
        for stage in request.stages
    )
    return replace(request, stages=stages, typed_prompt=request.typed_prompt.replace(first, value))


#: What can vary, by name: how a value is laid over a request.
AXES: dict[str, Callable[[Request, str, Axis], Request]] = {
    "steps": lambda request, value, axis: _denoising(request, steps=_whole(axis, value)),
    "guidance": lambda request, value, axis: _denoising(request, guidance_scale=_decimal(axis, value)),
    "sampler": _sampler,
    "schedule": lambda request, value, _: _denoising(request, schedule=value),
    "seed": lambda request, value, axis: replace(request, seed=_whole(axis, value)),
    "strength": _strength,
    "eta": lambda request, value, axis: _denoising(request, eta=_decimal(axis, value)),
    "noise": lambda request, value, axis: _denoising(request, noise_scale=_decimal(axis, value)),
    "words": _words,
}
