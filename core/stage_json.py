"""Stages as JSON, both ways."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any, TypeVar

from core.errors import BadOption
from core.guides import ControlUnit, Reference
from core.stages import STAGES, Stage, Variation
from core.words import _

_Value = TypeVar("_Value")

#: Fields of Denoise that hold values of their own.
_ONE: dict[str, type[Any]] = {"variation": Variation, "base": Variation}
_MANY: dict[str, type[Any]] = {"controls": ControlUnit, "references": Reference}


def stage_to_json(stage: Stage) -> dict[str, Any]:
    return {"kind": stage.kind, **asdict(stage)}


def stage_from_json(data: dict[str, Any]) -> Stage:
    """Read what `stage_to_json` wrote.

    Raises:
        BadOption: the stage or a field is unknown, or a value is out of its range.
    """
    kind = data.get("kind")
    stage = STAGES.get(str(kind))
    if stage is None:
        raise BadOption("stage", kind, _("choose one of {choices}.", choices=", ".join(STAGES)))
    return _read(stage, {name: value for name, value in data.items() if name != "kind"})


def refuse_unknown(names: set[str]) -> None:
    """Raises BadOption where there are any names."""
    if names:
        raise BadOption("field", sorted(names)[0], _("a request has no such field."))


def _read(cls: type[_Value], data: dict[str, Any]) -> _Value:
    refuse_unknown(set(data) - {field.name for field in fields(cls)})  # type: ignore[arg-type]
    values = dict(data)
    for name, inner in _ONE.items():
        if values.get(name) is not None:
            values[name] = _read(inner, values[name])
    for name, inner in _MANY.items():
        if name in values:
            values[name] = tuple(_read(inner, one) for one in values[name])
    # JSON has no tuples.
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return cls(**values)
