"""Who goes next: fair among demands and owners, oldest first, slack filled, never wider than pays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace

import pytest

from models.engine.knee import Knee
from models.engine.lanes import IDLE_LANES, Lanes, Tick
from models.engine.rows import LaneKey
from models.engine.widths import WIDTHS, expand, run_lengths, width_for

_numbers = count()


@dataclass(eq=False)
class _Row:
    """A row as lanes see it."""

    demand: int | None = None
    key: LaneKey = field(default_factory=lambda: _lane())
    number: int = field(default_factory=lambda: next(_numbers))
    run: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(model=SimpleNamespace(plan=None)))
    ready: bool = True
    owner: str = "ana"


def _lane(height: int = 4) -> LaneKey:
    return LaneKey(model="tiny", height=height, width=4, guided=True, tokens=77)


def _lanes(*rows: _Row, max_width: int = 8) -> Lanes:
    lanes = Lanes(max_width)
    for row in rows:
        lanes.join(row)
    return lanes


def _ticks(lanes: Lanes, number: int) -> list[Tick]:
    return [lanes.next_tick() for _ in range(number)]


def test_nothing_to_do() -> None:
    assert _lanes().next_tick() is None


@pytest.mark.parametrize(("rows", "width"), [(1, 1), (2, 2), (3, 4), (5, 8), (8, 8), (20, 8)])
def test_free_rows_share_the_smallest_width_that_holds_them(rows: int, width: int) -> None:
    tick = _lanes(*(_Row() for _ in range(rows))).next_tick()
    assert (tick.width, len(tick.rows)) == (width, min(rows, 8))


def test_owners_take_turns_where_one_row_fits() -> None:
    many = [_Row(owner="ana") for _ in range(8)]
    lanes = _lanes(*many, max_width=1)
    _ticks(lanes, 50)
    late = _Row(owner="ben")
    lanes.join(late)
    served = [tick.rows[0] for tick in _ticks(lanes, 20)]
    assert served.count(late) == 10
    assert set(served) == {late, many[0]}, "ana's images go one after the other"


def test_a_wide_call_takes_of_each_owner() -> None:
    rows = [_Row(owner="ana") for _ in range(8)] + [_Row(owner="ben"), _Row(owner="chloe")]
    tick = _lanes(*rows, max_width=4).next_tick()
    assert sorted(row.owner for row in tick.rows) == ["ana", "ana", "ben", "chloe"]


def test_who_left_begins_anew() -> None:
    first, second = _Row(owner="ana"), _Row(owner="ben")
    lanes = _lanes(first, second, max_width=1)
    _ticks(lanes, 10)
    lanes.leave([second])
    _ticks(lanes, 10)
    lanes.join(third := _Row(owner="ben"))
    assert [tick.rows[0] for tick in _ticks(lanes, 10)].count(third) == 5


def test_the_oldest_go_first() -> None:
    rows = [_Row() for _ in range(12)]
    assert _lanes(*rows).next_tick().rows == rows[:8]


def test_a_demand_is_met_and_its_slack_filled() -> None:
    pinned, free = _Row(8), [_Row() for _ in range(3)]
    ticks = _ticks(_lanes(*free, pinned), 4)
    assert [tick.width for tick in ticks] == [8, 8, 8, 8]
    assert all(set(tick.rows) == {pinned, *free} for tick in ticks)


def test_a_demand_above_the_engines_own_width_is_met() -> None:
    assert _lanes(_Row(16), max_width=4).next_tick().width == 16


def test_pinned_rows_ride_along_where_the_width_is_theirs() -> None:
    free, pinned = [_Row() for _ in range(3)], _Row(4)
    tick = _lanes(*free, pinned).next_tick()
    assert tick.width == 4
    assert set(tick.rows) == {*free, pinned}


def test_conflicting_demands_take_turns() -> None:
    rows = [_Row(1), _Row(2), _Row(8), *(_Row(4, key=_lane(height=8)) for _ in range(3))]
    served = Counter(row for tick in _ticks(_lanes(*rows), 40) for row in tick.rows)
    assert all(served[row] == 10 for row in rows)


def test_no_row_starves_among_busy_lanes() -> None:
    """New rows pour into one lane; a lone row of another still gets every other tick."""
    lanes, lonely = _lanes(), _Row(key=_lane(height=8))
    lanes.join(lonely)
    served = 0
    for _ in range(50):
        lanes.join(_Row())
        tick = lanes.next_tick()
        served += lonely in tick.rows
    assert served >= 25


def test_a_row_whose_demand_changes_at_every_step_gains_nothing() -> None:
    restless, steady = _Row(1), _Row(2)
    lanes, served = _lanes(restless, steady), Counter()
    for _ in range(40):
        tick = lanes.next_tick()
        served.update(tick.rows)
        if restless in tick.rows:
            restless.demand = 9 - restless.demand  # 1, 8, 1, 8, ...
    assert served[steady] == 20


def test_rows_leave() -> None:
    row = _Row()
    lanes = _lanes(row)
    lanes.leave([row])
    assert len(lanes) == 0
    assert lanes.next_tick() is None


def test_idle_lanes_are_let_go_of() -> None:
    """Each size and each set of adapters makes a lane; what the latest learnt is kept."""
    lanes, busy = Lanes(8), _Row(key=_lane(height=1))
    lanes.join(busy)
    rows = [_Row(key=_lane(height=height)) for height in range(2, 100)]
    for row in rows:
        lanes.join(row)
        lanes.next_tick()
        lanes.leave([row])
    assert len(lanes._lanes) == IDLE_LANES + 1
    assert {busy.key, *(row.key for row in rows[-IDLE_LANES:])} == set(lanes._lanes)


def test_a_call_is_no_wider_than_the_memory_allows() -> None:
    plan = SimpleNamespace(rows=lambda pixels: 3 if pixels == 32 * 32 else 16)
    run = SimpleNamespace(model=SimpleNamespace(plan=plan, vae_factor=8))
    assert _lanes(*(_Row(run=run) for _ in range(8))).next_tick().width == 2
    large = [_Row(run=run, key=_lane(height=8)) for _ in range(8)]
    assert _lanes(*large).next_tick().width == 8


def test_run_lengths_both_ways() -> None:
    widths = (1, 1, 8, 8, 8, 2)
    assert run_lengths(widths) == ((1, 2), (8, 3), (2, 1))
    assert expand(run_lengths(widths)) == widths
    assert [width_for(rows) for rows in (1, 2, 3, 4, 9, 16)] == [1, 2, 4, 4, 16, 16]


def _knee(row_seconds: dict[int, float]) -> Knee:
    knee = Knee(16)
    for width, seconds in row_seconds.items():
        for _ in range(3):
            knee.note(width, seconds * width)
    return knee


def test_the_knee_hopes_until_it_knows() -> None:
    assert Knee(16).width == 16
    assert Knee(4).width == 4


def test_the_knee_lies_where_rows_stop_getting_cheaper() -> None:
    assert _knee({1: 1.0, 2: 0.5, 4: 0.3, 8: 0.29, 16: 0.1}).width == 4
    assert _knee({1: 1.0, 2: 1.0}).width == 1
    assert _knee(dict.fromkeys(WIDTHS, 1.0)).width == 1
    assert _knee({width: 1 / width for width in WIDTHS}).width == 16


def test_a_width_without_memory_is_never_tried_again() -> None:
    knee = Knee(16)
    knee.forbid(8)
    assert knee.width == 4
    knee.forbid(1)
    assert knee.width == 1


def test_slow_first_calls_do_not_count() -> None:
    knee = _knee({1: 1.0})
    for seconds in (50.0, 1.1, 1.0):
        knee.note(2, seconds)
    assert knee.width == 16


def test_many_tiles_of_one_picture_hold_nobody_back() -> None:
    """Of each image one row goes before any image's second; tiles that wait for their neighbours stay out."""
    picture = SimpleNamespace(model=SimpleNamespace(plan=None))
    tiles = [_Row(run=picture) for _ in range(20)]
    other = _Row()
    lanes = _lanes(*tiles, other)
    assert lanes.next_tick().rows == [tiles[0], other, *tiles[1:7]]
    for tile in tiles[:19]:
        tile.ready = False
    assert lanes.next_tick().rows == [tiles[19], other]
