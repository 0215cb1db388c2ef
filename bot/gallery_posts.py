"""What the messages of galleries and contests show, whole: an edit carries everything."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import discord

from actions.gallery import Shown, read_shown
from actions.studio import Studio
from bot.buttons import Info, Report
from bot.contest_buttons import Enter, Standings
from bot.files import fitting_pictures
from bot.gallery_buttons import RemixOne, Vote
from bot.gallery_text import contest_text, entry_text, winners_text, winning
from bot.post import Picture, Post
from core.errors import ObjectMissing
from core.gallery import PostKind
from core.storage import Storage
from db.contests import Contest, get_contest, standings
from db.gallery import get_entry
from db.gallery_posts import DuePost

#: Winners' pictures that one message shows.
_MAX_WINNERS = 4


def is_marked(message: discord.Message, due: DuePost) -> bool:
    """Whether a message was posted for this subject: a button under each version of it says so."""
    mark = {
        PostKind.ENTRY: f"vote:{due.subject_id}:",
        PostKind.CONTEST: f"enter:{due.subject_id}:",
        PostKind.WINNERS: f"results:{due.subject_id}:",
    }[due.kind]
    rows = (getattr(row, "children", []) for row in message.components)
    return any(f"{getattr(item, 'custom_id', None) or ''}:".startswith(mark) for row in rows for item in row)


def post_of(studio: Studio, due: DuePost, *, age_restricted: bool, limit: int) -> Post | None:
    """What a message is to show now, its pictures of at most `limit` bytes; None where it is to go.

    Blocks on the storage.

    Args:
        age_restricted: its channel is.

    Raises:
        StorageError: the storage failed; ObjectMissing where the picture that it is about is lost.
    """
    if due.kind == PostKind.ENTRY:
        return _entry_post(studio, due, age_restricted, limit)
    with studio.database.read() as session:
        contest = get_contest(session, due.subject_id)
    if contest is None:
        return None
    return (
        _contest_post(contest)
        if due.kind == PostKind.CONTEST
        else _winners_post(studio, contest, age_restricted, limit)
    )


def _entry_post(studio: Studio, due: DuePost, age_restricted: bool, limit: int) -> Post | None:
    with studio.database.read() as session:
        entry = get_entry(session, due.subject_id)
        shown = None if entry is None else read_shown(session, entry)
    if shown is None or (shown.entry.age_restricted and not age_restricted):
        return None
    # A message that is there has its picture, which stays as it is.
    pictures = _picture_of(studio.storage, shown, limit=limit) if due.message_id is None else ()
    return Post(content=entry_text(shown), pictures=pictures, view=entry_view(shown))


def entry_view(shown: Shown) -> discord.ui.View:
    """What can be done with a published picture."""
    view = discord.ui.View(timeout=None)
    view.add_item(Vote.of(shown.entry))
    view.add_item(RemixOne(shown.job.id, shown.entry.index))
    view.add_item(Info(shown.job.id))
    view.add_item(Report(shown.job.id))
    return view


def _contest_post(contest: Contest) -> Post:
    view = discord.ui.View(timeout=None)
    if contest.ended_at is None:
        view.add_item(Enter(contest.id))
    view.add_item(Standings(contest.id))
    return Post(content=contest_text(contest), view=view)


def _winners_post(studio: Studio, contest: Contest, age_restricted: bool, limit: int) -> Post:
    with studio.database.read() as session:
        placed = standings(session, contest.id)
        seen = [one for one in winning(placed) if age_restricted or not one.entry.age_restricted]
        shown = [found for one in seen[:_MAX_WINNERS] if (found := read_shown(session, one.entry))]
    view = discord.ui.View(timeout=None)
    view.add_item(Standings(contest.id, final=True))
    pictures = pictures_of(studio.storage, shown, limit=limit)
    return Post(content=winners_text(contest, placed), pictures=pictures, view=view)


def pictures_of(storage: Storage, pictures: Sequence[Shown], *, limit: int) -> tuple[Picture, ...]:
    """Published pictures with alt text, each of at most `limit` bytes; one that is lost is left out.

    Blocks; raises StorageError.
    """
    found: list[Picture] = []
    for one in pictures:
        with contextlib.suppress(ObjectMissing):
            found += _picture_of(storage, one, limit=limit)
    return tuple(found)


def _picture_of(storage: Storage, shown: Shown, *, limit: int) -> tuple[Picture, ...]:
    return fitting_pictures(storage, shown.job, [shown.image], limit=limit)[0]
