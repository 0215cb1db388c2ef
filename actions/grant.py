"""Give a member credits, or take some back; for those who manage the server."""

from __future__ import annotations

from actions.person import Person
from actions.rights import Verb, server_where
from actions.studio import Studio
from core.errors import BadOption, NotEnoughCredits
from core.text import clean_text
from core.tiers import MAX_CREDITS
from core.words import _, ngettext
from db.accounts import account_for, balance, grant
from db.audit import record

MAX_REASON_CHARACTERS = 300


def grant_credits(
    studio: Studio, person: Person, member_id: int, credits: int, *, reason: str | None = None
) -> int:
    """Give `credits`, or take back where they are negative; the member's balance after it.

    Raises:
        NotAllowed: the person does not manage this server.
        BadOption: there are not so many to take, or it is none or too many at once.
    """
    if not 1 <= abs(credits) <= MAX_CREDITS:
        raise BadOption("credits", credits, _("choose 1 to {most}, or as many below zero.", most=MAX_CREDITS))
    words = clean_text("reason", reason or "", limit=MAX_REASON_CHARACTERS)
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        account = account_for(session, guild_id, member_id, studio.starting_credits)
        try:
            grant(session, account.id, credits, reason="by a manager")
        except NotEnoughCredits as error:
            there = ngettext(
                "they have {number} credit, and no more can be taken.",
                "they have {number} credits, and no more can be taken.",
                error.balance,
            )
            raise BadOption("credits", credits, there) from None
        detail = {"credits": credits, "reason": words}
        record(session, person.member_id, "quota.grant", str(member_id), detail, guild_id=guild_id)
        return balance(session, account.id)
