"""What is switched off, and which jobs that keeps waiting."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from core.switches import STUDIO, Switch
from db.once import insert_once
from db.preference_tables import SwitchRow
from db.tables import JobRow


@dataclass(frozen=True, kw_only=True)
class Off:
    """One thing that is switched off."""

    switch: Switch
    #: Of a worker or a model; empty where the switch is about neither.
    name: str
    #: STUDIO, or the server that it is for.
    guild_id: int
    reason: str


def switch_off(
    session: Session, switch: Switch, name: str, *, guild_id: int, by_id: int, reason: str
) -> bool:
    """False where it was off already."""
    return insert_once(
        session,
        SwitchRow,
        kind=switch.value,
        name=name,
        guild_id=guild_id,
        by_id=by_id,
        reason=reason,
    )


def switch_on(session: Session, switch: Switch, name: str | None, *, guild_id: int) -> int:
    """Everything of that kind where no name is given; how many were off."""
    chosen = delete(SwitchRow).where(SwitchRow.kind == switch.value, SwitchRow.guild_id == guild_id)
    if name is not None:
        chosen = chosen.where(SwitchRow.name == name)
    gone = session.execute(chosen.returning(SwitchRow.name).execution_options(synchronize_session=False))
    return len(gone.all())


def all_off(session: Session, guild_id: int | None) -> list[Off]:
    """What is off for a server, the whole studio's included."""
    rows = session.scalars(
        select(SwitchRow)
        .where(SwitchRow.guild_id.in_([STUDIO, guild_id or STUDIO]))
        .order_by(SwitchRow.created_at)
    )
    return [
        Off(switch=Switch(row.kind), name=row.name, guild_id=row.guild_id, reason=row.reason) for row in rows
    ]


def models_off(session: Session, guild_id: int | None = None) -> set[str]:
    """Names of the models that draw nothing for a server now."""
    return {off.name for off in all_off(session, guild_id) if off.switch == Switch.MODEL}


def is_drained(session: Session, worker_id: str) -> bool:
    """Whether a worker is to begin nothing."""
    drained = select(SwitchRow.name).where(SwitchRow.kind == Switch.DRAIN.value, SwitchRow.name == worker_id)
    return session.scalar(drained) is not None


def stopped() -> ColumnElement[bool]:
    """Of a job in a query: something is switched off that keeps it waiting."""
    return exists(select(SwitchRow.kind).where(_stops()))


def why_stopped(session: Session, job_id: str) -> str | None:
    """The reason that was given for what keeps a job waiting; None where nothing does."""
    found = select(SwitchRow.reason).join(JobRow, _stops()).where(JobRow.id == job_id)
    return session.scalars(found.order_by(SwitchRow.created_at).limit(1)).first()


def _stops() -> ColumnElement[bool]:
    """A switch that keeps a job waiting: both are in the query around it."""
    return and_(
        or_(SwitchRow.guild_id == STUDIO, SwitchRow.guild_id == JobRow.guild_id),
        or_(
            SwitchRow.kind == Switch.PAUSE.value,
            and_(SwitchRow.kind == Switch.MODEL.value, SwitchRow.name == JobRow.model),
        ),
    )
