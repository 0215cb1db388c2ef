"""When jobs will be done: the workers' next hours played through, on paper.

A worker draws several pictures side by side, each at an equal share of its time (processor sharing), and
takes the next job of the queue whenever it has room for one.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

#: Pictures beside which a worker takes no more jobs (`ATELIER_MAX_WIDTH`'s default).
WIDTH = 8


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is left of a job."""

    #: Of a worker's whole time, above 0.
    seconds: float
    #: It is drawn side by side, 1 or more.
    pictures: int
    #: Which worker runs it, 0-based; None: it waits.
    worker: int | None = None


@dataclass(kw_only=True)
class _Worker:
    #: Seconds that each picture would have had, had it been there all the time.
    clock: float = 0.0
    pictures: int = 0
    #: Where the clock will be when a job is done, and which job that is.
    ends: list[tuple[float, int]] = field(default_factory=list)

    def take(self, job: int, load: Load) -> None:
        heapq.heappush(self.ends, (self.clock + load.seconds / load.pictures, job))
        self.pictures += load.pictures

    def next_end_in(self) -> float:
        return (self.ends[0][0] - self.clock) * self.pictures

    def pass_time(self, seconds: float) -> None:
        if self.pictures:
            self.clock += seconds / self.pictures


def seconds_until_done(loads: Sequence[Load], workers: int) -> list[float]:
    """For each job, in how many seconds it is done.

    Args:
        loads: those that run, and those that wait in the order in which they will be taken.
        workers: how many there are, 1 or more; a running job's worker is one of them.
    """
    team = [_Worker() for _ in range(workers)]
    for job, load in enumerate(loads):
        if load.worker is not None:
            team[load.worker].take(job, load)
    waiting = deque((job, load) for job, load in enumerate(loads) if load.worker is None)
    done, passed = [0.0] * len(loads), 0.0
    while waiting or any(worker.ends for worker in team):
        while waiting and (free := min(team, key=lambda worker: worker.pictures)).pictures < WIDTH:
            free.take(*waiting.popleft())
        first = min((worker for worker in team if worker.ends), key=_Worker.next_end_in)
        step = first.next_end_in()
        for worker in team:
            worker.pass_time(step)
        passed += step
        end, job = heapq.heappop(first.ends)
        # Sums of floats would let the clock lag behind the end.
        first.clock = max(first.clock, end)
        first.pictures -= loads[job].pictures
        done[job] = passed
    return done
