"""Which worker can do which job: the one that holds everything that the job needs.

Needs are written when a job is submitted and dropped when it ends, so that the queue is compared with what
workers say they hold by indexes alone, whatever a request looks like inside.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, case, delete, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.addon_spec import AddonKind, AddonSpec
from core.model_spec import ModelSpec
from core.needs import MODEL, Need, models_called, needs_of
from core.request import Request
from db.clock import now
from db.licences import is_offered
from db.routing_tables import JobNeedRow
from db.tables import JobRow
from db.worker_tables import WorkerAddonRow, WorkerModelRow, WorkerRow
from db.workers import OFFERED_S

_Worker = str | InstrumentedAttribute[str]

_KIN = case((JobNeedRow.kind == AddonKind.LORA, AddonKind.LYCORIS.value), else_=JobNeedRow.kind)


def write_needs(session: Session, job_id: str, request: Request) -> None:
    """Note what a new job needs."""
    needs = needed(session, request)
    session.add_all(
        JobNeedRow(job_id=job_id, kind=need.kind, name=need.name, pixels=need.pixels) for need in needs
    )
    session.flush()


def needed(session: Session, request: Request) -> frozenset[Need]:
    """What a request needs, with the textual inversions of live workers that it names.

    To models of other architectures the name of an inversion is a word like any other.
    """
    specs = select(WorkerModelRow.spec).join(WorkerRow)
    called = [
        ModelSpec.from_json(spec)
        for spec in session.scalars(specs.where(WorkerModelRow.name.in_(models_called(request)), _alive()))
    ]
    embeddings = select(WorkerAddonRow.spec).join(WorkerRow)
    found = [
        AddonSpec.from_json(spec)
        for spec in session.scalars(embeddings.where(WorkerAddonRow.kind == AddonKind.EMBEDDING, _alive()))
    ]
    fitting = {one.name for one in found if any(one.fits(model.architecture) for model in called)}
    return needs_of(request, fitting)


def drop_needs(session: Session, job_id: str) -> None:
    session.execute(delete(JobNeedRow).where(JobNeedRow.job_id == job_id))


def can_do(worker_id: _Worker) -> ColumnElement[bool]:
    """For a SELECT of jobs: the worker lacks nothing of what the job needs."""
    lacking = select(JobNeedRow.job_id).where(JobNeedRow.job_id == JobRow.id, ~_holds(worker_id))
    return ~exists(lacking.correlate(JobRow, WorkerRow))


def someone_can_do() -> ColumnElement[bool]:
    """For a SELECT of jobs: some live worker lacks nothing."""
    return exists(select(WorkerRow.id).where(_alive(), can_do(WorkerRow.id)).correlate(JobRow))


def lacking_needs(session: Session, needs: Collection[Need]) -> frozenset[Need]:
    """What keeps every live worker from it: none of it all where one can do it.

    That is what no live worker holds, or where each thing is held but by different workers, all of it.
    """
    live = session.scalars(select(WorkerRow.id).where(_alive())).all()
    pixels = {need.name: need.pixels for need in needs if need.kind == MODEL}
    models = select(WorkerModelRow.worker_id, WorkerModelRow.name, WorkerModelRow.max_pixels).where(
        WorkerModelRow.worker_id.in_(live),
        WorkerModelRow.name.in_(pixels),
        is_offered(WorkerModelRow.awaits),
    )
    addons = select(WorkerAddonRow.worker_id, WorkerAddonRow.kind, WorkerAddonRow.name).where(
        WorkerAddonRow.worker_id.in_(live),
        WorkerAddonRow.name.in_([need.name for need in needs]),
        is_offered(WorkerAddonRow.awaits),
    )
    held: dict[str, set[Need]] = {worker: set() for worker in live}
    for worker, name, most in session.execute(models).tuples():
        if most is None or pixels[name] <= most:
            held[worker].add(Need(kind=MODEL, name=name))
    for worker, kind, name in session.execute(addons).tuples():
        held[worker].add(Need(kind=AddonKind.LORA if kind == AddonKind.LYCORIS else kind, name=name))
    wanted = frozenset(needs)
    if any(wanted <= has for has in held.values()):
        return frozenset()
    return wanted.difference(*held.values()) or wanted


def lacking_for(session: Session, job_id: str) -> frozenset[Need]:
    """What keeps every live worker from a queued job, as `lacking_needs`."""
    rows = session.scalars(select(JobNeedRow).where(JobNeedRow.job_id == job_id))
    return lacking_needs(session, [Need(kind=row.kind, name=row.name, pixels=row.pixels) for row in rows])


def _holds(worker_id: _Worker) -> ColumnElement[bool]:
    """Whether the worker holds what the need names, its terms accepted, and has room to draw with it."""
    most = WorkerModelRow.max_pixels
    model = select(WorkerModelRow.name).where(
        WorkerModelRow.worker_id == worker_id,
        WorkerModelRow.name == JobNeedRow.name,
        or_(most.is_(None), most >= JobNeedRow.pixels),
        is_offered(WorkerModelRow.awaits),
    )
    addon = select(WorkerAddonRow.name).where(
        WorkerAddonRow.worker_id == worker_id,
        WorkerAddonRow.name == JobNeedRow.name,
        # LoRA stands for its kin too. As a list of two it stays one search of an index.
        WorkerAddonRow.kind.in_([JobNeedRow.kind, _KIN]),
        is_offered(WorkerAddonRow.awaits),
    )
    return or_(
        and_(JobNeedRow.kind == MODEL, exists(model.correlate(JobNeedRow, WorkerRow))),
        and_(JobNeedRow.kind != MODEL, exists(addon.correlate(JobNeedRow, WorkerRow))),
    )


def _alive() -> ColumnElement[bool]:
    return WorkerRow.seen_at > now() - OFFERED_S
