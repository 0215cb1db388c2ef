"""Where jobs stand in the queue, and when their pictures can be expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from core.drain import Load, seconds_until_done
from core.jobs import JobState
from core.needs import Need
from db.clock import now
from db.routing import lacking_for, someone_can_do
from db.speeds import Speed, learnt_speeds
from db.switches import why_stopped
from db.tables import JobRow
from db.turns import before
from db.worker_tables import WorkerRow

#: Queued jobs that are looked at one by one; those behind them are taken to be like them.
_FORESEEN = 1000
#: A worker that gave no sign of life for so long draws nothing. It gives one every five seconds.
_AWAY_S = 30.0


@dataclass(frozen=True, kw_only=True)
class QueuePosition:
    """1 is next; 0 is running."""

    position: int
    #: Queued jobs before it.
    ahead: int
    #: Seconds until it is done, or None while nothing is known about this studio's speed.
    eta_s: float | None
    #: What keeps every live worker from it (`db.routing`): it waits until one comes that has it.
    lacking: frozenset[Need] = frozenset()
    #: Why it is kept waiting (`db.switches`), which may be no words at all; None where it is not.
    paused: str | None = None


@dataclass(frozen=True, kw_only=True)
class QueueSize:
    queued: int
    running: int


@dataclass(frozen=True, kw_only=True)
class _Open:
    """What the estimate needs of an unfinished job."""

    id: str
    model: str
    work: float
    pictures: int
    #: Share of its UNet calls that were made, 0 to 1.
    made: float
    worker_id: str | None
    #: Some live worker holds all that it needs.
    able: bool


def queue_position(session: Session, job_id: str) -> QueuePosition | None:
    """Place and estimate of an unfinished job, None for any other."""
    return queue_positions(session, [job_id]).get(job_id)


def queue_positions(session: Session, job_ids: Collection[str]) -> dict[str, QueuePosition]:
    """The same of several at once; those that have ended are left out."""
    wanted = set(job_ids)
    running = _open_jobs(session, JobState.RUNNING)
    queued = _open_jobs(session, JobState.QUEUED)
    etas = _etas(session, running, [job for job in queued if job.able])
    found = {
        job.id: QueuePosition(position=0, ahead=0, eta_s=etas.get(job.id))
        for job in running
        if job.id in wanted
    }
    ahead = 0
    for job in queued:
        if job.id in wanted:
            found[job.id] = QueuePosition(
                position=ahead + 1,
                ahead=ahead,
                eta_s=etas.get(job.id),
                lacking=frozenset() if job.able else lacking_for(session, job.id),
                paused=why_stopped(session, job.id),
            )
        # What nobody can draw is in nobody's way.
        ahead += job.able
    return found | _far_back(session, wanted - found.keys(), max(etas.values(), default=None))


def queue_size(session: Session) -> QueueSize:
    counts = dict(
        session.execute(
            select(JobRow.state, func.count())
            .where(JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]))
            .group_by(JobRow.state)
        )
        .tuples()
        .all()
    )
    return QueueSize(queued=counts.get(JobState.QUEUED, 0), running=counts.get(JobState.RUNNING, 0))


def unfinished_jobs_of(session: Session, member_id: int) -> int:
    """How many jobs a member has that wait or run, in all servers."""
    unfinished = select(func.count()).where(
        JobRow.member_id == member_id,
        JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]),
        JobRow.deleted_at.is_(None),
    )
    return session.scalars(unfinished).one()


def _open_jobs(session: Session, state: JobState) -> list[_Open]:
    """In the order of turns."""
    columns = (
        JobRow.id,
        JobRow.model,
        JobRow.work,
        JobRow.image_count,
        JobRow.step,
        JobRow.total_steps,
        JobRow.worker_id,
        # A running job has found its worker.
        someone_can_do() if state == JobState.QUEUED else true(),
    )
    in_turn = select(*columns).where(JobRow.state == state).order_by(JobRow.turn, JobRow.created_at)
    return [
        _Open(
            id=job_id,
            model=model,
            work=work,
            pictures=pictures,
            made=min(1.0, step / total) if total else 0.0,
            worker_id=worker_id,
            able=able,
        )
        for job_id, model, work, pictures, step, total, worker_id, able in session.execute(
            in_turn.limit(_FORESEEN)
        ).tuples()
    ]


def _etas(session: Session, running: list[_Open], queued: list[_Open]) -> dict[str, float]:
    """Seconds until each job is done, as it looks now; nothing while no job was measured yet."""
    speeds = learnt_speeds(session)
    if not speeds:
        return {}
    numbers = _numbers(session, running)
    jobs = [*running, *queued]
    loads = [
        Load(
            # Decoding and storing remain when the last step is made.
            seconds=job.work * max(0.02, 1 - job.made) * _speed(speeds, job.model),
            pictures=job.pictures,
            worker=None if job.worker_id is None else numbers[job.worker_id],
        )
        for job in jobs
    ]
    seconds = seconds_until_done(loads, max(1, len(numbers)))
    return {job.id: eta_s for job, eta_s in zip(jobs, seconds, strict=True)}


def _numbers(session: Session, running: list[_Open]) -> dict[str, int]:
    """The workers that draw or could, numbered from 0."""
    alive = session.scalars(select(WorkerRow.id).where(WorkerRow.seen_at > now() - _AWAY_S))
    busy = {job.worker_id for job in running if job.worker_id is not None}
    return {worker_id: number for number, worker_id in enumerate(sorted(busy.union(alive)))}


def _speed(speeds: Mapping[str, Speed], model: str) -> float:
    """Seconds for a unit of work; those of a model that is new here are taken to be the others' mean."""
    if model in speeds:
        return speeds[model].seconds_per_work
    jobs = sum(speed.jobs for speed in speeds.values())
    return sum(speed.seconds_per_work * speed.jobs for speed in speeds.values()) / jobs


def _far_back(session: Session, job_ids: set[str], last_s: float | None) -> dict[str, QueuePosition]:
    """Places behind the jobs that are looked at one by one, of which the last is done in `last_s`."""
    rows = session.scalars(select(JobRow).where(JobRow.id.in_(job_ids), JobRow.state == JobState.QUEUED))
    found = {}
    for row in rows.all() if job_ids else ():
        ahead = session.scalar(
            select(func.count()).select_from(JobRow).where(JobRow.state == JobState.QUEUED, before(row))
        )
        place = (ahead or 0) + 1
        eta_s = None if last_s is None else last_s * place / _FORESEEN
        found[row.id] = QueuePosition(position=place, ahead=place - 1, eta_s=eta_s)
    return found
