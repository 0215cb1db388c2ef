"""Bans, time-outs and strikes, by the database's clock; and who moderates a server."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from core.moderation import SanctionKind
from db.clock import now
from db.members import lock_member
from db.moderation_tables import ModeratorRoleRow, SanctionRow
from db.once import insert_once
from db.tables import GuildRow


@dataclass(frozen=True, kw_only=True)
class Sanction:
    """Times are seconds since 1970 by the database's clock."""

    id: int
    guild_id: int
    member_id: int
    kind: SanctionKind
    reason: str
    #: The moderator.
    by_id: int
    created_at: float
    #: None: for good.
    expires_at: float | None
    lifted_at: float | None


def impose(
    session: Session,
    kind: SanctionKind,
    *,
    guild_id: int,
    member_id: int,
    reason: str,
    by_id: int,
    lasts_s: float | None,
) -> Sanction:
    """Note a sanction that begins now; `lasts_s` None is for good."""
    lock_member(session, member_id)
    insert_once(session, GuildRow, id=guild_id)
    row = SanctionRow(
        guild_id=guild_id,
        member_id=member_id,
        kind=kind,
        reason=reason,
        by_id=by_id,
        expires_at=None if lasts_s is None else now() + lasts_s,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    return sanction_of(row)


def standing(session: Session, guild_id: int, member_id: int) -> Sanction | None:
    """The ban or time-out that keeps a member from making pictures now: a ban first, else the longest."""
    row = session.scalar(
        select(SanctionRow)
        .where(_counts(guild_id, member_id), SanctionRow.kind != SanctionKind.STRIKE)
        # "ban" comes before "time-out".
        .order_by(SanctionRow.kind, SanctionRow.expires_at.desc().nulls_first())
        .limit(1)
    )
    return sanction_of(row) if row else None


def strikes(session: Session, guild_id: int, member_id: int) -> int:
    """How many strikes count now."""
    counted = select(func.count()).where(
        _counts(guild_id, member_id), SanctionRow.kind == SanctionKind.STRIKE
    )
    return session.scalars(counted).one()


def lift(session: Session, kind: SanctionKind, *, guild_id: int, member_id: int) -> int:
    """End all sanctions of this kind that count now; how many there were."""
    lifted = session.execute(
        update(SanctionRow)
        .where(_counts(guild_id, member_id), SanctionRow.kind == kind)
        .values(lifted_at=now())
        .returning(SanctionRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(lifted.all())


def sanctions_of(session: Session, guild_id: int, member_id: int, *, limit: int) -> list[Sanction]:
    """A member's sanctions in a server, those that are over included, the newest first."""
    rows = session.scalars(
        select(SanctionRow)
        .where(SanctionRow.guild_id == guild_id, SanctionRow.member_id == member_id)
        .order_by(SanctionRow.id.desc())
        .limit(limit)
    )
    return [sanction_of(row) for row in rows]


def counting(session: Session, guild_id: int, member_id: int) -> list[Sanction]:
    """A member's sanctions that count now, the newest first."""
    rows = session.scalars(
        select(SanctionRow).where(_counts(guild_id, member_id)).order_by(SanctionRow.id.desc())
    )
    return [sanction_of(row) for row in rows]


def changed_bans(session: Session, since: float) -> tuple[float, list[tuple[int, int]]]:
    """Of which bans something began or ended, by lifting or by itself, after a time of the database's clock.

    Returns:
        The time now, and (server, member) of each.
    """
    row = SanctionRow
    ran_out = and_(row.expires_at > since, row.expires_at <= now())
    changed = or_(row.created_at > since, row.lifted_at > since, ran_out)
    query = select(row.guild_id, row.member_id).where(row.kind == SanctionKind.BAN, changed).distinct()
    looked_at = session.scalars(select(now())).one()
    return looked_at, list(session.execute(query).tuples())


def moderator_roles(session: Session, guild_id: int) -> frozenset[int]:
    """Roles whose members moderate this server."""
    return frozenset(
        session.scalars(select(ModeratorRoleRow.role_id).where(ModeratorRoleRow.guild_id == guild_id))
    )


def set_moderator_role(session: Session, guild_id: int, role_id: int, *, moderates: bool) -> None:
    """A role's members moderate this server, or do so no more."""
    if moderates:
        insert_once(session, GuildRow, id=guild_id)
        insert_once(session, ModeratorRoleRow, guild_id=guild_id, role_id=role_id)
        return
    session.execute(
        delete(ModeratorRoleRow).where(
            ModeratorRoleRow.guild_id == guild_id, ModeratorRoleRow.role_id == role_id
        )
    )


def _counts(guild_id: int, member_id: int) -> ColumnElement[bool]:
    return and_(
        SanctionRow.guild_id == guild_id,
        SanctionRow.member_id == member_id,
        in_force(),
    )


def in_force() -> ColumnElement[bool]:
    """Neither lifted nor over."""
    return and_(
        SanctionRow.lifted_at.is_(None),
        or_(SanctionRow.expires_at.is_(None), SanctionRow.expires_at > now()),
    )


_COLUMNS = [field.name for field in fields(Sanction)]


def sanction_of(row: SanctionRow) -> Sanction:
    """The row as the other parts may see it."""
    return Sanction(**{name: getattr(row, name) for name in _COLUMNS})
