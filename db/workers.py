"""Workers and the models they can load: for routing, autocomplete and limits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.orm import Session

from core.model_spec import ModelSpec
from db.clock import now
from db.licences import awaited_licence, is_offered
from db.once import insert_once
from db.switches import is_drained, models_off
from db.tables import JobRow
from db.worker_tables import WorkerModelRow, WorkerRow

#: The models of a worker that was seen so lately are offered. Through an update or a crash members go on
#: asking, and their jobs wait in the queue; a worker that stays away takes its models along.
OFFERED_S = 600.0


@dataclass(frozen=True, kw_only=True)
class WorkerInfo:
    """One worker."""

    #: The same for a process and those that follow it in its place, so that the next one can tell what a dead
    #: one had claimed (`db.keeping.take_back_from`).
    id: str
    host: str
    #: What computes, e.g. "cpu" or "NVIDIA L4".
    device: str


def register_worker(session: Session, info: WorkerInfo, models: Sequence[ModelSpec]) -> None:
    """Say that a worker is there and which models it can load. Repeating it replaces what it said before."""
    insert_once(session, WorkerRow, id=info.id, host=info.host, device=info.device)
    session.execute(
        update(WorkerRow)
        .where(WorkerRow.id == info.id)
        .values(host=info.host, device=info.device, seen_at=now())
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(WorkerModelRow).where(WorkerModelRow.worker_id == info.id))
    session.add_all(
        WorkerModelRow(
            worker_id=info.id,
            name=spec.name,
            spec=spec.to_json(),
            max_pixels=spec.max_pixels,
            awaits=awaited_licence(spec),
        )
        for spec in models
    )
    session.flush()


def worker_alive(session: Session, worker_id: str) -> bool:
    """A sign of life; False where the worker must register again."""
    seen = session.execute(
        update(WorkerRow).where(WorkerRow.id == worker_id).values(seen_at=now()).returning(WorkerRow.id)
    )
    return seen.first() is not None


def set_resident(session: Session, worker_id: str, model_names: Collection[str]) -> None:
    """Say which models are in the device's memory."""
    session.execute(
        update(WorkerModelRow)
        .where(WorkerModelRow.worker_id == worker_id)
        .values(resident=WorkerModelRow.name.in_(list(model_names)))
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, kw_only=True)
class LiveWorker:
    """A worker that was seen lately."""

    id: str
    host: str
    device: str
    #: Seconds since its last sign of life.
    seen_s: float
    #: Names of the models in its memory.
    resident: tuple[str, ...]
    #: It begins nothing.
    drained: bool
    #: Jobs that it runs.
    running: int


def live_workers(session: Session) -> list[LiveWorker]:
    """The workers that were seen lately, by id."""
    rows = session.execute(
        select(WorkerRow, now() - WorkerRow.seen_at)
        .where(WorkerRow.seen_at > now() - OFFERED_S)
        .order_by(WorkerRow.id)
    ).all()
    return [
        LiveWorker(
            id=row.id,
            host=row.host,
            device=row.device,
            seen_s=seen_s,
            resident=tuple(_resident(session, row.id)),
            drained=is_drained(session, row.id),
            running=session.scalars(select(func.count()).where(JobRow.worker_id == row.id)).one(),
        )
        for row, seen_s in rows
    ]


def _resident(session: Session, worker_id: str) -> Sequence[str]:
    loaded = WorkerModelRow.worker_id == worker_id, WorkerModelRow.resident.is_(True)
    return session.scalars(select(WorkerModelRow.name).where(*loaded).order_by(WorkerModelRow.name)).all()


def loadable_models(session: Session) -> list[ModelSpec]:
    """Models that some worker can load, those that are switched off included, by title."""
    return _known(session, true())


def models_available(session: Session, guild_id: int | None = None) -> list[ModelSpec]:
    """Models that some worker can load, by title; for a server without those that are switched off there."""
    return search_models(session, "", limit=1000, guild_id=guild_id)


def models_awaiting(session: Session) -> list[ModelSpec]:
    """Models that some worker could load if the terms of their licences were accepted, by title; those that
    another one may load already are left out."""
    offered = {spec.name for spec in _known(session, is_offered(WorkerModelRow.awaits))}
    return [spec for spec in _known(session, true()) if spec.name not in offered]


def search_models(
    session: Session, text: str, limit: int = 25, *, guild_id: int | None = None
) -> list[ModelSpec]:
    """Available models whose name or title contains the text, upper and lower case alike, by title."""
    wanted, off = text.strip().casefold(), models_off(session, guild_id)
    known = _known(session, is_offered(WorkerModelRow.awaits))
    found = [spec for spec in known if wanted in f"{spec.name}\n{spec.title}".casefold()]
    return [spec for spec in found if spec.name not in off][:limit]


def _known(session: Session, which: ColumnElement[bool]) -> list[ModelSpec]:
    most = WorkerModelRow.max_pixels
    rows = session.scalars(
        select(WorkerModelRow)
        .join(WorkerRow)
        .where(which, WorkerRow.seen_at > now() - OFFERED_S)
        .order_by(most.is_(None), most, WorkerModelRow.worker_id)
    )
    # Workers may disagree about a model: the one with the most room for pictures comes last, and is believed.
    # What is too large for the others goes to it (`db.routing`).
    specs = {row.name: ModelSpec.from_json(row.spec) for row in rows}
    return sorted(specs.values(), key=lambda spec: (spec.title.casefold(), spec.name))
