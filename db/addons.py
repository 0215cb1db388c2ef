"""What workers can add to a base model: for autocomplete and limits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select, true
from sqlalchemy.orm import Session

from core.addon_spec import AddonKind, AddonSpec
from db.clock import now
from db.licences import awaited_licence, is_offered
from db.worker_tables import WorkerAddonRow, WorkerRow
from db.workers import OFFERED_S


def register_addons(session: Session, worker_id: str, addons: Sequence[AddonSpec]) -> None:
    """Say what a registered worker can use. Repeating it replaces what it said before."""
    session.execute(delete(WorkerAddonRow).where(WorkerAddonRow.worker_id == worker_id))
    session.add_all(
        WorkerAddonRow(
            worker_id=worker_id,
            kind=addon.kind,
            name=addon.name,
            spec=addon.to_json(),
            awaits=awaited_licence(addon),
        )
        for addon in addons
    )
    session.flush()


def addons_available(session: Session, kind: AddonKind, architecture: str | None = None) -> list[AddonSpec]:
    """Add-ons of a kind that some worker can use, and that fit base models of the architecture, by title."""
    return search_addons(session, kind, "", architecture=architecture, limit=1000)


def search_addons(
    session: Session, kind: AddonKind, text: str, *, architecture: str | None = None, limit: int = 25
) -> list[AddonSpec]:
    """The same for those whose name or title contains the text, upper and lower case alike."""
    wanted = text.strip().casefold()
    found = [
        spec
        for spec in _known(session, (WorkerAddonRow.kind == kind) & is_offered(WorkerAddonRow.awaits))
        if wanted in f"{spec.name}\n{spec.title}".casefold()
        and (architecture is None or spec.fits(architecture))
    ]
    return found[:limit]


def addons_awaiting(session: Session) -> list[AddonSpec]:
    """Add-ons that some worker could use if the terms of their licences were accepted, by title; those that
    another one may use already are left out."""
    offered = {(spec.kind, spec.name) for spec in _known(session, is_offered(WorkerAddonRow.awaits))}
    return [spec for spec in _known(session, true()) if (spec.kind, spec.name) not in offered]


def _known(session: Session, which: ColumnElement[bool]) -> list[AddonSpec]:
    rows = session.scalars(
        select(WorkerAddonRow)
        .join(WorkerRow)
        .where(which, WorkerRow.seen_at > now() - OFFERED_S)
        .order_by(WorkerRow.id)
    )
    # Workers may disagree about an add-on; it is always the same one that is believed.
    specs = {(row.kind, row.name): AddonSpec.from_json(row.spec) for row in rows}
    return sorted(specs.values(), key=lambda spec: (spec.title.casefold(), spec.name))


def find_addon(session: Session, kind: AddonKind, name: str) -> AddonSpec | None:
    """The add-on of this kind and name, if some worker can use it."""
    found = addons_available(session, kind)
    return next((spec for spec in found if spec.name == name), None)
