"""Tiers: the best of each limit, and ranges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import BadOption
from core.tiers import STANDARD, best


def test_the_best_of_each_limit_counts() -> None:
    poor = replace(STANDARD, refill=10, jobs=50, retention=30)
    rich = replace(STANDARD, refill=500, jobs=5, retention=90, weight=2.0)
    assert best([poor, rich]) == replace(STANDARD, refill=500, jobs=50, retention=90, weight=2.0)
    assert best([poor, replace(rich, retention=None)]).retention is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("refill", -1), ("jobs", 0), ("running", 1001), ("weight", 0.0), ("weight", float("nan")),
     ("retention", 0), ("cap", 10**9)],
)  # fmt: skip
def test_limits_out_of_range_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(BadOption) as refused:
        replace(STANDARD, **{name: value})
    assert refused.value.option == name
