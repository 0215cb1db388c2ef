"""Who may do what in galleries: everybody against everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from actions.collect import keep, new_collection
from actions.contest import cancel_contest, contest_view, enter_contest, start_contest
from actions.favourite import favourite
from actions.gallery import (
    browse,
    published_picture,
    set_account_age,
    set_channel,
    set_threshold,
    settings_here,
)
from actions.person import Person
from actions.publish import publish, unpublish
from actions.sanction import sanction
from actions.studio import Studio
from core.errors import Refusal
from core.moderation import SanctionKind
from db.contests import open_contest
from db.gallery import Entry, entry_of
from tests.actions.people import ADMIN, ANA, BEN, ELSEWHERE, GUILD, MODERATOR
from tests.actions.test_gallery import published

#: A banned member, and the owner in direct messages.
BANNED = replace(ANA, member_id=6)
ALONE = replace(ANA, guild_id=None)
EVERYBODY = {
    "owner": ANA,
    "other": BEN,
    "moderator": MODERATOR,
    "admin": ADMIN,
    "banned": BANNED,
    "elsewhere": ELSEWHERE,
    "direct": ALONE,
}

Act = Callable[[Studio, Person, Entry], object]

MEMBERS = {"owner", "other", "moderator", "admin"}
#: What is tried on ana's published picture, and who may.
ACTS: dict[str, tuple[Act, set[str]]] = {
    "browse": (lambda studio, person, _: browse(studio, person), MEMBERS | {"elsewhere"}),
    "open": (lambda studio, person, entry: published_picture(studio, person, entry.id), MEMBERS),
    "publish": (lambda studio, person, entry: publish_anew(studio, person, entry), {"owner"}),
    "unpublish": (
        lambda studio, person, entry: unpublish(studio, person, entry.job_id),
        {"owner", "moderator", "admin", "direct"},
    ),
    "vote": (lambda studio, person, entry: favourite(studio, person, entry.job_id), MEMBERS | {"direct"}),
    "collect": (lambda studio, person, entry: collect(studio, person, entry), MEMBERS),
    "enter": (lambda studio, person, entry: enter_contest(studio, person, entry.job_id), {"owner"}),
    "start": (lambda studio, person, _: start_again(studio, person), {"moderator", "admin", "elsewhere"}),
    "cancel": (lambda studio, person, _: cancel_contest(studio, person), {"moderator", "admin"}),
    "show": (lambda studio, person, _: show(studio, person), MEMBERS | {"elsewhere"}),
    "settings": (lambda studio, person, _: settings_here(studio, person), MEMBERS | {"elsewhere"}),
    "channel": (lambda studio, person, _: set_channel(studio, person, 77), {"admin"}),
    "threshold": (lambda studio, person, _: set_threshold(studio, person, 2), {"admin"}),
    "age": (lambda studio, person, _: set_account_age(studio, person, 2), {"admin"}),
}


def collect(studio: Studio, person: Person, entry: Entry) -> None:
    new_collection(studio, person, "Foxes")
    keep(studio, person, "Foxes", entry.job_id)


def publish_anew(studio: Studio, person: Person, entry: Entry) -> None:
    unpublish(studio, ANA, entry.job_id)
    publish(studio, person, entry.job_id)


def set_up(studio: Studio, job_id: str) -> Entry:
    """Ana's job is published and a contest is open, whoever ended either before."""
    with studio.database.read() as session:
        entry, contest = entry_of(session, job_id), open_contest(session, GUILD)
    if contest is None:
        start_contest(studio, MODERATOR, "Foxes", "2h")
    return entry or publish(studio, ANA, job_id).entry


def show(studio: Studio, person: Person) -> None:
    """The contest where the person is; elsewhere's is the one that was begun there."""
    assert contest_view(studio, person).contest.guild_id == person.guild_id


def start_again(studio: Studio, person: Person) -> None:
    """Begin one where the person is, which elsewhere's moderator may there, and nobody here notices."""
    is_here = person.guild_id == GUILD
    if is_here:
        cancel_contest(studio, ADMIN)
    assert start_contest(studio, person, "Cats", "2h").guild_id == person.guild_id
    if not is_here:
        cancel_contest(studio, person)


def test_who_may_and_who_may_not(studio: Studio) -> None:
    sanction(studio, MODERATOR, BANNED, SanctionKind.BAN, reason="spam", lasts_s=None)
    job_id = published(studio).job_id
    for act, (doing, allowed) in ACTS.items():
        for name, person in EVERYBODY.items():
            entry = set_up(studio, job_id)
            try:
                doing(studio, person, entry)
            except Refusal:
                assert name not in allowed, f"{name} may {act}"
            else:
                assert name in allowed, f"{name} may not {act}"
