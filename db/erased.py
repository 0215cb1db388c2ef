"""Who was erased lately, without a list of them."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.clock import now
from db.once import insert_once
from db.privacy_tables import ErasedMemberRow

#: How long a member who was erased gets no welcome credits anew.
_REMEMBERED_S = 90 * 86_400.0


def remember_erased(session: Session, member_id: int) -> None:
    insert_once(session, ErasedMemberRow, digest=_digest(member_id))


def was_erased(session: Session, member_id: int) -> bool:
    """Whether a member of this id was erased lately."""
    return session.get(ErasedMemberRow, _digest(member_id)) is not None


def forget_erased(session: Session) -> None:
    """Nobody is remembered for longer than it is of use."""
    session.execute(
        delete(ErasedMemberRow)
        .where(ErasedMemberRow.erased_at < now() - _REMEMBERED_S)
        .execution_options(synchronize_session=False)
    )


def _digest(member_id: int) -> str:
    """Tells whether an id that one knows was erased, and lists none: each guess takes a while (RFC 7914)."""
    return hashlib.scrypt(str(member_id).encode(), salt=b"atelier", n=2**12, r=8, p=1, dklen=16).hex()
