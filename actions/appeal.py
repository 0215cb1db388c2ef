"""Appeal against a sanction, and decide about appeals."""

from __future__ import annotations

from dataclasses import dataclass

from actions.person import Person
from actions.rights import Verb, server_of, server_where
from actions.sanction import recount_where_banned
from actions.studio import Studio
from core.errors import BadOption, NotAllowed, NotFound, Refusal
from core.text import clean_text, is_blank
from core.words import _
from db.audit import record
from db.image_policies import held_count, next_held
from db.reports import Appeal, ReportedJob, add_appeal, next_appeal, next_reported, open_cases, rule_appeal
from db.sanctions import Sanction, counting

MAX_APPEAL_CHARACTERS = 1000


@dataclass(frozen=True, kw_only=True)
class Cases:
    """The moderators' queue: what comes first of each, and how many there are."""

    reported: ReportedJob | None
    #: Id of a job whose pictures the safety checker flagged.
    held: str | None
    appeal: Appeal | None
    count: int


def cases(studio: Studio, person: Person) -> Cases:
    """What waits for a moderator of the person's server. Raises NotAllowed."""
    with studio.database.read() as session:
        guild_id = server_where(session, person, Verb.MODERATE)
        return Cases(
            reported=next_reported(session, guild_id),
            appeal=next_appeal(session, guild_id),
            held=next_held(session, guild_id),
            count=open_cases(session, guild_id) + held_count(session, guild_id),
        )


def appeal(studio: Studio, person: Person, text: str) -> Sanction:
    """Ask that one's newest sanction be lifted, of those that were not appealed against.

    Raises:
        BadOption: nothing is said for it.
        Refusal: there is no such sanction.
    """
    words = clean_text("why", text, limit=MAX_APPEAL_CHARACTERS)
    if is_blank(words):
        raise BadOption("why", text, _("say why it should be lifted."))
    guild_id = server_of(person)
    with studio.database.begin() as session:
        for sanction in counting(session, guild_id, person.member_id):
            if add_appeal(session, sanction, words):
                return sanction
    raise Refusal(
        _("You have nothing against you here that you have not appealed against; `/mod record` shows it.")
    )


def decide_appeal(studio: Studio, person: Person, sanction_id: int, *, granted: bool) -> Sanction:
    """Lift the sanction, or let it stand.

    Raises:
        NotFound: somebody else has decided.
        NotAllowed: the person does not moderate here, or it is their own.
    """
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MODERATE)
        sanction = rule_appeal(session, guild_id, sanction_id, granted=granted, by_id=person.member_id)
        if sanction is None:
            raise NotFound(_("Somebody else has decided about this; `/reports` shows the next."))
        if sanction.member_id == person.member_id:
            raise NotAllowed(_("Another moderator has to decide about your own appeal."))
        action = "appeal.grant" if granted else "appeal.decline"
        detail = {"sanction": sanction.kind.value}
        record(session, person.member_id, action, str(sanction.member_id), detail, guild_id=guild_id)
    if granted:
        recount_where_banned(studio, sanction.guild_id, sanction.member_id, sanction.kind)
    return sanction
