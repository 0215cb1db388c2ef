"""Contests: begin one, enter a published picture, and see how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from actions.person import Person
from actions.prompt_filter import check_words
from actions.rights import Verb, may, server_where
from actions.studio import Studio
from core.errors import BadOption, NotFound, Refusal
from core.moderation import read_duration
from core.prompt_filter import check_prompt
from core.text import clean_text, is_blank
from core.words import _
from db import contests
from db.audit import record
from db.contests import Contest, Standing
from db.gallery import entry_of
from db.ids import read_job_id

MAX_THEME_CHARACTERS = 200
_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class ContestView:
    contest: Contest
    #: All pictures, the best first.
    placed: tuple[Standing, ...]
    #: Those of them that are shown: for age-restricted channels only there.
    standings: tuple[Standing, ...]
    #: How many pictures are in it.
    entries: int


def start_contest(studio: Studio, person: Person, theme: str, lasts: str) -> Contest:
    """Begin a contest in this channel; the bot announces it.

    Args:
        lasts: how long, as "30m", "2h", "7d" or "4w".

    Raises:
        NotAllowed: they do not moderate here.
        BadOption: the theme or the duration will not do.
        Refusal: another contest is open.
    """
    words = clean_text("theme", " ".join(theme.split()), limit=MAX_THEME_CHARACTERS)
    if is_blank(words):
        raise BadOption("theme", theme, _("say what the pictures are to show."))
    lasts_s = read_duration("lasts", lasts)
    check_prompt(words)
    with studio.database.begin() as session:
        may(session, person, Verb.MODERATE)
        guild_id = server_where(session, person, Verb.TAKE_PART)
        check_words(studio, session, [guild_id], [words])
        contest = contests.start_contest(
            session,
            guild_id=guild_id,
            channel_id=person.channel_id,
            theme=words,
            by_id=person.member_id,
            lasts_s=lasts_s,
        )
        if contest is None:
            raise Refusal(
                _("A contest is open here already; `/contest show` has it, `/contest cancel` ends it.")
            )
        record(
            session, person.member_id, "contest.start", str(contest.id), {"theme": words}, guild_id=guild_id
        )
    return contest


def enter_contest(studio: Studio, person: Person, job_id: str) -> Contest:
    """Enter a published picture of one's own, in place of the one before.

    Raises:
        NotFound: it is no published picture of theirs.
        Refusal: no contest is open, or its time is over.
    """
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.TAKE_PART)
        entry = entry_of(session, read_job_id(job_id))
        if entry is None or entry.member_id != person.member_id or entry.guild_id != guild_id:
            raise NotFound(_("Only your own pictures in the gallery can be entered; 🖼 publishes one."))
        contest = contests.enter_contest(session, guild_id, entry)
        if contest is None:
            raise Refusal(_("No contest is open here now."))
    return contest


def cancel_contest(studio: Studio, person: Person) -> Contest:
    """End the open contest without winners. Raises NotAllowed, NotFound."""
    with studio.database.begin() as session:
        may(session, person, Verb.MODERATE)
        guild_id = server_where(session, person, Verb.TAKE_PART)
        contest = contests.cancel_contest(session, guild_id)
        if contest is None:
            raise NotFound(_("No contest is open here now."))
        record(session, person.member_id, "contest.cancel", str(contest.id), guild_id=guild_id)
    return contest


def contest_view(studio: Studio, person: Person, contest_id: int | None = None) -> ContestView:
    """How a contest of the server stands, or (None) the newest one. Raises NotFound, NotAllowed."""
    with studio.database.read() as session:
        guild_id = server_where(session, person, Verb.TAKE_PART)
        if contest_id is None:
            contest = contests.last_contest(session, guild_id)
        else:
            contest = contests.get_contest(session, contest_id)
        if contest is None or contest.guild_id != guild_id:
            raise NotFound(_("There has been no contest here yet."))
        placed = contests.standings(session, contest.id)
        shown = [
            standing for standing in placed if person.age_restricted or not standing.entry.age_restricted
        ]
        count = contests.entry_count(session, contest.id)
    return ContestView(contest=contest, placed=tuple(placed), standings=tuple(shown[:_SHOWN]), entries=count)
