"""Licences whose terms the studio's owner accepted in Discord, and what they let be offered.

What was accepted at a worker's machine (`models.licences`) its specs say themselves.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.addon_spec import AddonSpec
from core.model_spec import ModelSpec
from db.licence_tables import AcceptedLicenceRow
from db.once import insert_once


def accept_licence(session: Session, licence: str) -> bool:
    """Note that its terms are accepted; False where they were before."""
    return insert_once(session, AcceptedLicenceRow, licence=licence)


def accepted_licences(session: Session) -> frozenset[str]:
    return frozenset(session.scalars(select(AcceptedLicenceRow.licence)))


def is_offered(spec: ModelSpec | AddonSpec, accepted: frozenset[str]) -> bool:
    """Whether members may use it: its terms are accepted, or it has none that ask for that."""
    return not spec.awaits_terms or spec.licence in accepted
