"""How fast models are: learnt from every job that a worker finishes, for prices and for the ETA.

A worker draws several pictures at once, so the time between a job's start and its end says little about what
it took. Each worker therefore has a clock that runs at one n-th of the time while n pictures are being drawn
(the virtual time of processor sharing; Parekh & Gallager, 1993): what it moved on, times the job's pictures,
is the job's share of the worker. All shares add up to the time in which the worker was busy.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.jobs import JobState
from core.price import MEASURED_JOBS, Measured, paces
from db.account_tables import JobMeterRow, SpeedRow, WorkerClockRow
from db.clock import now
from db.once import insert_once
from db.tables import JobRow
from db.worker_tables import WorkerRow

#: Jobs whose plain mean begins the average: what one of them says counts no more than the others.
_BEGINNING = 5
#: What a later job counts.
_SHARE = 0.1
#: It is taken for at most so many times slower, or faster, than the average: one odd job moves that by 7 %.
_MOST = 2.0


@dataclass(frozen=True, kw_only=True)
class Speed:
    #: Of a worker's time, for one UNet call on one pixel.
    seconds_per_work: float
    #: Jobs that were measured.
    jobs: int


def begin_measuring(session: Session, job_id: str, worker_id: str, *, loaded: bool) -> None:
    """A worker has taken a job. One whose model must be loaded first (not `loaded`) is not measured."""
    clock = _read_clock(session, worker_id)
    session.execute(delete(JobMeterRow).where(JobMeterRow.job_id == job_id))
    if loaded:
        insert_once(session, JobMeterRow, job_id=job_id, worker_id=worker_id, clock=clock)


def learn(session: Session, job_id: str, worker_id: str) -> None:
    """Learn from a job that this worker has just made whole, and whose row says so."""
    clock = _read_clock(session, worker_id)
    meter = session.get(JobMeterRow, job_id, populate_existing=True)
    if meter is None:
        return
    job = session.get_one(JobRow, job_id)
    seconds = (clock - meter.clock) * job.image_count
    session.delete(meter)
    device = session.scalar(select(WorkerRow.device).where(WorkerRow.id == worker_id))
    # Another attempt began with what the first one had made.
    if meter.worker_id == worker_id and device is not None and job.attempt == 1 and seconds > 0:
        _average(session, job.model, device, seconds / job.work)


def forget_measuring(session: Session, job_id: str) -> None:
    """The job has ended in another way, or goes back to the queue."""
    session.execute(delete(JobMeterRow).where(JobMeterRow.job_id == job_id))


def learnt_paces(session: Session) -> Mapping[str, float]:
    """How many times dearer than usual each model's work is, by the models' names (`core.price.paces`)."""
    rows = session.scalars(select(SpeedRow).where(SpeedRow.jobs >= MEASURED_JOBS))
    return paces(
        [
            Measured(model=row.model, device=row.device, seconds_per_work=row.seconds_per_work, jobs=row.jobs)
            for row in rows
        ]
    )


def learnt_speeds(session: Session) -> Mapping[str, Speed]:
    """By model: what its jobs take on the devices that they were measured on, each as often as it was."""
    seconds: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for row in session.scalars(select(SpeedRow)):
        seconds[row.model].append((row.seconds_per_work, row.jobs))
    return {model: _mean(measured) for model, measured in seconds.items()}


def _mean(measured: list[tuple[float, int]]) -> Speed:
    jobs = sum(count for _, count in measured)
    return Speed(seconds_per_work=sum(speed * count for speed, count in measured) / jobs, jobs=jobs)


def _read_clock(session: Session, worker_id: str) -> float:
    """Move a worker's clock on to now, and note for the next time how many pictures it draws."""
    insert_once(session, WorkerClockRow, worker_id=worker_id, clock=0.0, read_at=now(), pictures=0)
    query = select(WorkerClockRow, now()).where(WorkerClockRow.worker_id == worker_id).with_for_update()
    row, read_at = session.execute(query.execution_options(populate_existing=True)).one().tuple()
    row.clock += max(0.0, read_at - row.read_at) / max(1, row.pictures)
    row.read_at = read_at
    running = select(func.coalesce(func.sum(JobRow.image_count), 0)).where(
        JobRow.worker_id == worker_id, JobRow.state == JobState.RUNNING
    )
    row.pictures = session.scalars(running).one()
    session.flush()
    return row.clock


def _average(session: Session, model: str, device: str, seconds_per_work: float) -> None:
    insert_once(session, SpeedRow, model=model, device=device, seconds_per_work=seconds_per_work, jobs=0)
    locked = select(SpeedRow).where(SpeedRow.model == model, SpeedRow.device == device).with_for_update()
    row = session.scalars(locked.execution_options(populate_existing=True)).one()
    # In logarithms, so that twice as slow and twice as fast weigh the same.
    change = math.log(seconds_per_work / row.seconds_per_work)
    if row.jobs < _BEGINNING:
        change /= row.jobs + 1
    else:
        most = math.log(_MOST)
        change = _SHARE * min(most, max(-most, change))
    row.seconds_per_work *= math.exp(change)
    row.jobs += 1
    session.flush()
