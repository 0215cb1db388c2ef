"""One process at a time in charge of a duty: by a lease that it renews, which another takes when it ends."""

from __future__ import annotations

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from db.clock import now
from db.once import insert_once
from db.worker_tables import LeaderRow


def lead(session: Session, duty: str, holder: str, lease_s: float) -> bool:
    """Be in charge for the next `lease_s` seconds; False while another is.

    Every transaction that does the duty begins with this, so that a leader that slept past its lease does
    nothing.
    """
    insert_once(session, LeaderRow, duty=duty, holder=holder, lease_until=now() + lease_s)
    taken = session.execute(
        update(LeaderRow)
        .where(LeaderRow.duty == duty, or_(LeaderRow.holder == holder, LeaderRow.lease_until < now()))
        .values(holder=holder, lease_until=now() + lease_s)
        .returning(LeaderRow.duty)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def resign(session: Session, duty: str, holder: str) -> None:
    """Let another take over at once."""
    session.execute(delete(LeaderRow).where(LeaderRow.duty == duty, LeaderRow.holder == holder))
