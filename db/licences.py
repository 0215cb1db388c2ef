"""Licences whose terms the studio's owner accepted in Discord, and what they let be offered.

What was accepted at a worker's machine (`models.licences`) its specs say themselves.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.addon_spec import AddonSpec
from core.model_spec import ModelSpec
from db.licence_tables import AcceptedLicenceRow
from db.once import insert_once


def accept_licence(session: Session, licence: str) -> bool:
    """Note that its terms are accepted; False where they were before."""
    return insert_once(session, AcceptedLicenceRow, licence=licence)


def awaited_licence(spec: ModelSpec | AddonSpec) -> str | None:
    """The licence that is to be accepted before members use it, as the worker's machine says."""
    return spec.licence if spec.awaits_terms else None


def is_offered(awaits: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """For a SELECT of what workers hold: members may use it, since its terms are accepted or ask nothing."""
    return or_(awaits.is_(None), awaits.in_(select(AcceptedLicenceRow.licence)))
