"""X/Y grids: one job whose images differ along one or two axes.

A grid's request holds its axes; each of its images is a request of its own, which the engine draws as any
other. All images start from the same seed, unless an axis changes it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from types import UnionType
from typing import Any

from core.errors import BadOption
from core.hires import in_two_passes
from core.prompt.adapters import with_adapter
from core.request import Adapter, Axis, Request
from core.samplers import SAMPLERS
from core.stages import Denoise, EncodeImage, EncodeText, Stage
from core.words import _

#: Most values of one axis; two axes make up to 25 images.
MAX_VALUES = 5
#: A value of the axes `style`, `vae` and `hires`: without any.
NONE = "none"


def image_request(request: Request, index: int) -> Request:
    """Image `index` (0-based; a grid's row by row) as an order of its own, without axes. Raises BadOption."""
    alone = replace(
        request,
        seed=request.image_seed(index),
        count=1,
        axes=(),
        stages=tuple(_own_variation(request, stage, index) for stage in request.stages),
    )
    values = zip(request.axes, request.place(index), strict=True)
    for axis, value in sorted(values, key=lambda laid: list(AXES).index(laid[0].name)):
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


def _changed(request: Request, kinds: type[Stage] | UnionType, **values: Any) -> Request:
    """The order with these values in all stages of the kinds."""
    stages = tuple(
        replace(stage, **values) if isinstance(stage, kinds) else stage for stage in request.stages
    )
    return replace(request, stages=stages)


def _denoising(request: Request, **values: Any) -> Request:
    return _changed(request, Denoise, **values)


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
    """The strength of what starts from a picture."""
    if request.denoise.strength is None:
        raise BadOption(axis.name, value, _("it needs a picture to start from."))
    return _denoising(request, strength=_decimal(axis, value))


def _size(request: Request, value: str, _: Axis) -> Request:
    width, height = map(int, value.split("x"))
    return _changed(request, Denoise | EncodeImage, width=width, height=height)


def _hires(request: Request, value: str, axis: Axis) -> Request:
    if value == NONE:
        return request
    first, scale = request.denoise, _decimal(axis, value)
    # In steps that the model draws: both sides are multiples of its own.
    step = math.gcd(first.width, first.height, 64)
    width, height = (round(side * scale / step) * step for side in (first.width, first.height))
    return replace(request, stages=in_two_passes(request.stages, width=width, height=height))


def _style(request: Request, value: str, axis: Axis) -> Request:
    """The words wrapped in the style that the axis keeps."""
    style = next((style for style in axis.styles if style.name == value), None)
    if style is None:
        return request
    prompt, negative = style.wrap(request.text.prompt, request.text.negative_prompt)
    worded = _changed(request, EncodeText, prompt=prompt, negative_prompt=negative)
    return replace(worded, style=style.name)


def _lora(request: Request, value: str, _: Axis) -> Request:
    """The LoRA at that weight, beside the prompt's others."""
    name, weight = value.rsplit(" ", 1)
    adapter = Adapter(name=name, weight=float(weight))
    others = [other for other in request.adapters if other.name != name]
    typed = with_adapter(request.typed_prompt, adapter)
    return replace(request, adapters=(*others, adapter), typed_prompt=typed)


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


#: What can vary, by name: how a value is laid over a request. In this order where there are two.
AXES: dict[str, Callable[[Request, str, Axis], Request]] = {
    "model": lambda request, value, _: replace(request, model=value),
    "steps": lambda request, value, axis: _denoising(request, steps=_whole(axis, value)),
    "guidance": lambda request, value, axis: _denoising(request, guidance_scale=_decimal(axis, value)),
    "sampler": _sampler,
    "schedule": lambda request, value, _: _denoising(request, schedule=value),
    "seed": lambda request, value, axis: replace(request, seed=_whole(axis, value)),
    "strength": _strength,
    "eta": lambda request, value, axis: _denoising(request, eta=_decimal(axis, value)),
    "noise": lambda request, value, axis: _denoising(request, noise_scale=_decimal(axis, value)),
    "words": _words,
    "style": _style,
    "clip skip": lambda request, value, axis: _changed(request, EncodeText, clip_skip=_whole(axis, value)),
    "lora": _lora,
    "vae": lambda request, value, _: replace(request, vae=None if value == NONE else value),
    "size": _size,
    "hires": _hires,
}
