"""`/grid`: the same picture several times, with one or two things changed step by step."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.errors import BadOption
from core.grid import AXES, MAX_VALUES, NONE, image_request
from core.model_spec import ModelSpec
from core.options.checks import decimal_number, named, whole_number
from core.options.drawing import DrawOptions, read_clip_skip
from core.options.imagine import MAX_HIRES_SCALE
from core.options.img2img import Img2ImgOptions
from core.options.models import choose_model
from core.request import MAX_ADAPTER_WEIGHT, Adapter, Axis, Request
from core.samplers import sampler_named, schedule_named
from core.sizes import size_for_aspect, typed_size
from core.stages import Denoise
from core.text import listed
from core.words import _


@dataclass(frozen=True, kw_only=True)
class GridOptions(DrawOptions):
    #: Across: a name and its values, like "steps 10, 20, 30".
    x: str
    #: Down.
    y: str | None = None

    def finish(self, request: Request, spec: ModelSpec) -> Request:
        """The order with its axes; every one of its images can be drawn. Raises BadOption."""
        across = self._axis("x", self.x, request, spec)
        down = [self._axis("y", self.y, request, spec)] if self.y and self.y.strip() else []
        if down and down[0].name == across.name:
            raise BadOption("y", down[0].name, _("x varies that already; choose another."))
        # Images are counted row by row.
        axes = (*down, across)
        count = math.prod(len(axis.values) for axis in axes)
        grid = replace(request, axes=axes, count=count)
        specs = {known.name: known for known in (*self.models, spec)}
        for index in range(count):
            image = image_request(grid, index)
            _check_limits(image, specs[image.model])
        return grid

    def _axis(self, option: str, text: str, request: Request, spec: ModelSpec) -> Axis:
        """An axis as it was typed. Raises BadOption."""
        name, typed = read_axis(option, text)
        if name == "lora":
            return Axis(name=name, values=tuple(_weights(typed, request.adapters)))
        if name == "model":
            models = self.models or [spec]
            return Axis(name=name, values=tuple(choose_model(value, models).name for value in typed))
        if name != "style":
            return Axis(name=name, values=tuple(_value(name, value, spec) for value in typed))
        if request.style is not None:
            raise BadOption("style", request.style, _("{option} varies that already.", option=option))
        values = tuple(named(name, value, (NONE, *self.styles)) for value in typed)
        kept = tuple(self.styles[value] for value in values if value in self.styles)
        return Axis(name=name, values=values, styles=kept)


@dataclass(frozen=True, kw_only=True)
class PictureGridOptions(GridOptions, Img2ImgOptions):
    """The same, begun from a picture."""


def read_axis(option: str, text: str) -> tuple[str, list[str]]:
    """The name of an axis and its values, as they were typed. Raises BadOption."""
    found = next((name for name in AXES if re.match(rf"\s*{name}(?![^\s:=])", text, re.IGNORECASE)), None)
    name = found or text.strip().partition(" ")[0]
    values = listed(text.strip()[len(name) :].lstrip(" :="))
    if not values:
        raise BadOption(
            option,
            text,
            _(
                "write a name and its values, like `steps 10, 20, 30` or `words red, blue`. There are: "
                "{choices}.",
                choices=", ".join(AXES),
            ),
        )
    known = named(option, name, AXES)
    if len(values) > MAX_VALUES:
        raise BadOption(
            option, text, _("it has {values} values; up to {most} fit.", values=len(values), most=MAX_VALUES)
        )
    return known, values


def first_model(x: str, y: str | None) -> str | None:
    """The first of the models that an axis names; all have its usual settings. Raises BadOption."""
    typed = (("x", x), ("y", y or ""))
    read = [read_axis(option, axis) for option, axis in typed if axis.strip()]
    return next((values[0] for name, values in read if name == "model"), None)


def _value(axis: str, value: str, spec: ModelSpec) -> str:
    """A value in the form that the engine knows."""
    read = _READERS.get(axis)
    return value if read is None else read(value, spec)


def _read_size(value: str, spec: ModelSpec) -> str:
    read = size_for_aspect if ":" in value or "/" in value else typed_size
    return "{}x{}".format(*read(value, spec))


def _read_hires(value: str, _: ModelSpec) -> str:
    if value.casefold() == NONE:
        return NONE
    return f"{decimal_number('hires', value, low=1.0, high=MAX_HIRES_SCALE):g}"


_READERS: dict[str, Callable[[str, ModelSpec], str]] = {
    "sampler": lambda value, _: sampler_named(value)[0],
    "schedule": lambda value, _: schedule_named(value),
    "steps": lambda value, spec: str(whole_number("steps", value, low=1, high=spec.max_steps)),
    "clip skip": lambda value, _: str(read_clip_skip(value)),
    "size": _read_size,
    "hires": _read_hires,
}


def _weights(typed: Sequence[str], adapters: Sequence[Adapter]) -> Iterator[str]:
    """LoRAs with their weights, like "ink 0.4".

    A value without a name is of the LoRA before it, at first of the prompt's; one without a weight has 1.
    """
    name = adapters[0].name if adapters else ""
    for value in typed:
        match = re.fullmatch(r"(?:(.*\S)\s+)?([-+]?[\d.]+)", value)
        name, weight = (match[1] or name, match[2]) if match else (value, "1")
        if not name:
            raise BadOption("lora", value, _("name a LoRA, like `lora ink 0.4, 0.8`."))
        number = decimal_number("lora", weight, low=-MAX_ADAPTER_WEIGHT, high=MAX_ADAPTER_WEIGHT)
        yield f"{name} {number:g}"


def _check_limits(image: Request, spec: ModelSpec) -> None:
    """Raises BadOption where its model does not draw so large, or in so many steps."""
    for stage in image.stages:
        if isinstance(stage, Denoise):
            whole_number("steps", stage.steps, low=1, high=spec.max_steps)
            typed_size(f"{stage.width}x{stage.height}", spec)
