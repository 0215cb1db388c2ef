"""Look through the server's gallery, and say how it works."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from actions.person import Person
from actions.results import shown_picture
from actions.rights import Verb, server_where
from actions.studio import Studio
from core.errors import BadOption, NotAllowed, NotFound
from core.gallery import Order, searched_words
from core.words import _
from db import gallery
from db.audit import record
from db.gallery import (
    Entry,
    GallerySettings,
    gallery_settings,
    get_entry,
    set_gallery,
)
from db.gallery_pages import Cursor, gallery_page
from db.images import StoredImage
from db.jobs import Job
from db.recounts import mend_votes

PAGE_SIZE = 4
MAX_THRESHOLD = 1000
MAX_ACCOUNT_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A published picture with what there is to tell of it."""

    entry: Entry
    job: Job
    image: StoredImage


@dataclass(frozen=True, kw_only=True)
class GalleryPage:
    pictures: tuple[Shown, ...]
    #: Where the next page begins; None on the last one.
    after: Cursor | None


def browse(
    studio: Studio,
    person: Person,
    *,
    order: Order = Order.NEWEST,
    search: str = "",
    member_id: int | None = None,
    after: Cursor | None = None,
) -> GalleryPage:
    """A page of the gallery of the person's server.

    Args:
        search: words of prompts, and tags ("fox #night"); all of them have to be there.
        member_id: whose pictures; None is anybody's.

    Raises:
        NotAllowed: they are banned, or this is no server.
        BadOption: too many words.
    """
    words = searched_words(search)
    with studio.database.read() as session:
        found = gallery_page(
            session,
            server_where(session, person, Verb.TAKE_PART),
            order=order,
            words=words,
            member_id=member_id,
            age_restricted=person.age_restricted,
            after=after,
            limit=PAGE_SIZE + 1,
        )
        pictures = [shown for entry in found[:PAGE_SIZE] if (shown := read_shown(session, entry))]
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    cursor = None if last is None else Cursor(votes=last.votes, entry_id=last.id)
    return GalleryPage(pictures=tuple(pictures), after=cursor)


def published_picture(studio: Studio, person: Person, entry_id: int) -> Shown:
    """One picture of the gallery. Raises NotFound, NotAllowed."""
    with studio.database.read() as session:
        guild_id = server_where(session, person, Verb.TAKE_PART)
        entry = get_entry(session, entry_id)
        hidden = entry is not None and entry.age_restricted and not person.age_restricted
        shown = None if entry is None or entry.guild_id != guild_id else read_shown(session, entry)
    if shown is None:
        raise NotFound(_("That picture is not in the gallery any more."))
    if hidden:
        raise NotAllowed(_("That picture is shown in age-restricted channels only."))
    return shown


def published_of(studio: Studio, person: Person, *, limit: int) -> list[Shown]:
    """The person's own published pictures, the newest first."""
    with studio.database.read() as session:
        if person.guild_id is None:
            return []
        own = gallery.entries_of(session, person.guild_id, person.member_id, limit=limit)
        return [shown for entry in own if (shown := read_shown(session, entry))]


def read_shown(session: Session, entry: Entry) -> Shown | None:
    """The entry's job and picture; None where they are gone, or a moderator has to look at it first."""
    found = shown_picture(session, entry.job_id, entry.index)
    return None if found is None else Shown(entry=entry, job=found[0], image=found[1])


def set_channel(studio: Studio, person: Person, channel_id: int | None) -> None:
    """Where pictures with enough votes are posted from now on; None is nowhere. Raises NotAllowed."""
    _set(studio, person, "gallery.channel", channel_id=channel_id)


def set_threshold(studio: Studio, person: Person, votes: int) -> None:
    """How many votes a picture needs to be posted. Raises NotAllowed, BadOption."""
    if not 1 <= votes <= MAX_THRESHOLD:
        raise BadOption("stars", votes, _("it is 1 to {most}.", most=MAX_THRESHOLD))
    _set(studio, person, "gallery.threshold", threshold=votes)


def set_account_age(studio: Studio, person: Person, days: int) -> None:
    """How old an account has to be, in days, for its votes to count. Raises NotAllowed, BadOption."""
    if not 0 <= days <= MAX_ACCOUNT_DAYS:
        raise BadOption("days", days, _("it is 0 to {most}.", most=MAX_ACCOUNT_DAYS))
    mend_votes(studio.database, _set(studio, person, "gallery.age", min_account_days=days))


def settings_here(studio: Studio, person: Person) -> GallerySettings:
    """Of the person's server. Raises NotAllowed."""
    with studio.database.read() as session:
        return gallery_settings(session, server_where(session, person, Verb.TAKE_PART))


def _set(studio: Studio, person: Person, action: str, **values: int | None) -> int:
    """Returns the server that it was set for."""
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        set_gallery(session, guild_id, **values)
        (value,) = values.values()
        record(session, person.member_id, action, str(value or 0), guild_id=guild_id)
    return guild_id
