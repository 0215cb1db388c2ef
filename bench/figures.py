"""What every benchmark prints: a table of figures with their goals, or the same as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number and the goal it is held to."""

    name: str
    value: float
    unit: str
    #: The bound the value has to meet; None where the figure is only information.
    goal: float | None
    better: Literal["higher", "lower"]

    @property
    def holds(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.better == "higher" else self.value <= self.goal


def report(figures: Sequence[Figure], *, as_json: bool) -> int:
    """Print the figures; return the process's exit code, 1 when a goal does not hold."""
    if as_json:
        print(json.dumps({"figures": [_as_dict(figure) for figure in figures]}))
    else:
        _print_table(figures)
    return 0 if all(figure.holds for figure in figures) else 1


def _as_dict(figure: Figure) -> dict[str, object]:
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "goal": figure.goal,
        "better": figure.better,
        "holds": figure.holds,
    }


def _print_table(figures: Sequence[Figure]) -> None:
    width = max([len(figure.name) for figure in figures], default=4)
    for figure in figures:
        sign = "≥" if figure.better == "higher" else "≤"
        goal = "" if figure.goal is None else f"{sign} {figure.goal:g}"
        verdict = "" if figure.goal is None else ("holds" if figure.holds else "FAILS")
        row = f"{figure.name:<{width}}  {figure.value:>10.3f} {figure.unit:<6} {goal:>10}  {verdict}"
        print(row.rstrip())
