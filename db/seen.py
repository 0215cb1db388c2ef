"""Whose jobs a member may see where they are: what `actions.rights.seen_job` asks of one, asked of many."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_

from db.gallery_tables import GalleryEntryRow
from db.tables import JobRow


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who looks, and where."""

    member_id: int
    #: The server, whose other members' jobs they may see; None: they see their own.
    guild_id: int | None
    #: They are in a channel that shows what was made in age-restricted ones.
    age_restricted: bool


def seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may see the `JobRow` of the enclosing query: theirs, or open or published here."""
    theirs = JobRow.member_id == viewer.member_id
    if viewer.guild_id is not None:
        published = exists().where(GalleryEntryRow.job_id == JobRow.id).correlate(JobRow)
        shown = or_(JobRow.ephemeral.is_(False), published)
        theirs = or_(theirs, and_(JobRow.guild_id == viewer.guild_id, shown))
    return theirs if viewer.age_restricted else and_(theirs, JobRow.age_restricted.is_(False))
