"""`/grid`: the same picture several times, with one or two things changed step by step."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from core.errors import BadOption
from core.grid import AXES, MAX_VALUES, image_request
from core.model_spec import ModelSpec
from core.options.checks import named, whole_number
from core.options.drawing import DrawOptions
from core.request import Axis, Request
from core.samplers import sampler_named, schedule_named
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
        across = read_axis("x", self.x, spec)
        down = [read_axis("y", self.y, spec)] if self.y and self.y.strip() else []
        if down and down[0].name == across.name:
            raise BadOption("y", down[0].name, _("x varies that already; choose another."))
        # Images are counted row by row.
        axes = (*down, across)
        count = math.prod(len(axis.values) for axis in axes)
        grid = replace(request, axes=axes, count=count)
        for index in range(count):
            image_request(grid, index)
        return grid


def read_axis(option: str, text: str, spec: ModelSpec) -> Axis:
    """An axis as it was typed. Raises BadOption."""
    name, _gap, rest = text.strip().partition(" ")
    values = listed(rest)
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
    known = named(option, name.rstrip(":="), AXES)
    if len(values) > MAX_VALUES:
        raise BadOption(
            option, text, _("it has {values} values; up to {most} fit.", values=len(values), most=MAX_VALUES)
        )
    return Axis(name=known, values=tuple(_value(known, value, spec) for value in values))


def _value(axis: str, value: str, spec: ModelSpec) -> str:
    """A value in the form that the engine knows."""
    if axis == "sampler":
        return sampler_named(value)[0]
    if axis == "schedule":
        return schedule_named(value)
    if axis == "steps":
        return str(whole_number(axis, value, low=1, high=spec.max_steps))
    return value
