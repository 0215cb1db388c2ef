"""Members: their one row, which everything that is theirs hangs on."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.once import insert_once
from db.tables import MemberRow


def lock_member(session: Session, member_id: int, *, erasing: bool = False) -> None:
    """Have the member's row and hold it to the transaction's end, before anything else of theirs is locked.

    So what is counted over all their servers is counted by one at a time, and whoever comes while they are
    erased begins anew afterwards.

    Args:
        erasing: nobody adds a row that names the member, either.
    """
    held = select(MemberRow.id).where(MemberRow.id == member_id).with_for_update(key_share=not erasing)
    while session.scalar(held) is None:
        # There was none yet, or whoever held it erased them.
        insert_once(session, MemberRow, id=member_id)
