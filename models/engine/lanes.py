"""Lanes: rows that can share a UNet call, and the choice of who goes next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from models.engine.knee import Knee
from models.engine.model import LoadedModel
from models.engine.rows import LaneKey, Row
from models.engine.widths import WIDTHS, width_for

if TYPE_CHECKING:
    from diffusers import ControlNetModel

#: Lanes without rows that are kept for the next ones: they know how wide a call pays.
IDLE_LANES = 32


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One UNet call to make."""

    lane: Lane
    #: 1 to `width` rows; padding fills the rest.
    rows: list[Row]
    width: int


@dataclass(kw_only=True, eq=False)
class Lane:
    model: LoadedModel
    knee: Knee
    #: Number of the tick at which it last had rows.
    used: int = 0
    #: In order of arrival.
    rows: list[Row] = field(default_factory=list)
    #: Rows of each owner here that were called so far; who comes new begins where the last one is.
    turns: dict[Hashable, int] = field(default_factory=dict)
    #: Widths at which rows were seen to be independent of their companions, or not.
    proofs: dict[int, bool] = field(default_factory=dict)
    #: The same of each ControlNet, while that is in memory.
    control_proofs: WeakKeyDictionary[ControlNetModel, dict[int, bool]] = field(
        default_factory=WeakKeyDictionary
    )
    #: For each width that rows demand (None: any), the number of the tick that last served them.
    served: dict[int | None, int] = field(default_factory=dict)

    def demands(self) -> set[int | None]:
        return {row.demand for row in self.rows if row.ready}

    def ready(self) -> list[Row]:
        """Rows that can go now: owners in turn, each with their images as they came, and of each image its
        first row before any image's second."""
        places: Counter[int] = Counter()
        by_owner: dict[Hashable, list[tuple[int, int, Row]]] = defaultdict(list)
        for arrival, row in enumerate(self.rows):
            if row.ready:
                by_owner[row.owner].append((places[id(row.run)], arrival, row))
                places[id(row.run)] += 1
        ranked = [
            (self.turns[owner] + ahead, arrival, row)
            for owner, rows in by_owner.items()
            for ahead, (_place, arrival, row) in enumerate(sorted(rows, key=lambda entry: entry[:2]))
        ]
        return [row for *_, row in sorted(ranked, key=lambda entry: entry[:2])]

    def took_part(self, rows: Iterable[Row]) -> None:
        """These rows were called: it is others' turn."""
        for row in rows:
            self.turns[row.owner] += 1

    def tick_for(self, demand: int | None) -> Tick:
        """A call for the rows with this demand; others that may ride along fill its slack."""
        ready = self.ready()
        wanted = [row for row in ready if row.demand == demand]
        width = min(width_for(min(len(wanted), WIDTHS[-1])), self.knee.width) if demand is None else demand
        wanted = wanted[:width]
        riders = [row for row in ready if row not in wanted and row.demand in (None, width)]
        return Tick(lane=self, rows=[*wanted, *riders[: width - len(wanted)]], width=width)


class Lanes:
    """All lanes and whose turn it is.

    Of the groups of rows that want the same (same lane, same width), the one that waited for the most ticks
    goes next, so that of k groups each gets a k-th of the ticks and none starves.
    """

    def __init__(self, max_width: int) -> None:
        self._max_width = max_width
        self._lanes: dict[LaneKey, Lane] = {}
        self._ticks = 0

    def __len__(self) -> int:
        return sum(len(lane.rows) for lane in self._lanes.values())

    def __iter__(self) -> Iterator[Row]:
        for lane in self._lanes.values():
            yield from lane.rows

    def join(self, row: Row) -> None:
        lane = self._lanes.get(row.key)
        if lane is None:
            self._prune()
            lane = self._lanes[row.key] = Lane(model=row.run.model, knee=Knee(self._widest(row)))
        lane.turns.setdefault(row.owner, min(lane.turns.values(), default=0))
        lane.rows.append(row)
        lane.used = self._ticks

    def leave(self, rows: Iterable[Row]) -> None:
        for row in rows:
            lane = self._lanes[row.key]
            lane.rows.remove(row)
            if all(other.owner != row.owner for other in lane.rows):
                del lane.turns[row.owner]
            lane.used = self._ticks

    def forget(self, model: str) -> None:
        """Drop the lanes of a model that left the memory; they have no rows any more."""
        self._lanes = {key: lane for key, lane in self._lanes.items() if key.model != model}

    def _widest(self, row: Row) -> int:
        """Rows of its lane that one call may have, by what its model's memory allows."""
        model, key = row.run.model, row.key
        if model.plan is None:
            return self._max_width
        return min(self._max_width, model.plan.rows(key.height * key.width * model.vae_factor**2))

    def _prune(self) -> None:
        """Let go of lanes without rows, the least recently used first, until few enough remember what they
        learnt: every size and every set of adapters at its weights makes one."""
        idle = sorted((key for key, lane in self._lanes.items() if not lane.rows), key=self._last_used)
        for key in idle[: max(0, len(idle) - IDLE_LANES + 1)]:
            del self._lanes[key]

    def _last_used(self, key: LaneKey) -> int:
        return self._lanes[key].used

    def next_tick(self) -> Tick | None:
        for lane in self._lanes.values():
            # A group that comes new waits for its turn like all others, so that a row whose demand changes at
            # every step gains nothing by it.
            lane.served = {demand: lane.served.get(demand, self._ticks) for demand in lane.demands()}
        groups = [(lane, demand) for lane in self._lanes.values() for demand in lane.served]
        if not groups:
            return None
        # Pinned rows win a tie: free rows can ride along with them, but not the other way round.
        lane, demand = min(groups, key=lambda group: (group[0].served[group[1]], group[1] is None))
        tick = lane.tick_for(demand)
        lane.took_part(tick.rows)
        self._ticks += 1
        called = set(map(id, tick.rows))
        left_out = {row.demand for row in lane.rows if row.ready and id(row) not in called}
        for group in lane.served:
            if group == demand or group not in left_out:
                lane.served[group] = self._ticks
        return tick
