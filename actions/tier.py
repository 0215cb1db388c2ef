"""What roles give, when credits come and what is asked about first: for those who manage the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from actions.person import Person
from actions.rights import Verb, server_of, server_where
from actions.studio import Studio
from core.errors import BadOption, NotFound
from core.tiers import MAX_CREDITS, STANDARD, Tier
from core.words import _
from db.audit import record
from db.tiers import QuotaRules, clear_tier, quota_rules, set_quota_rules, set_tier, tiers_of

MAX_TIERS = 50
#: Hours between two refills: up to four weeks.
MAX_REFILL_HOURS = 672


def change_tier(studio: Studio, person: Person, role_id: int, changes: Mapping[str, Any]) -> Tier:
    """Set these limits of a role's tier; the others stay, or are everybody's in a new one.

    The server's own id is the role that everybody has. A member gets the new tier with their next command.

    Raises:
        NotAllowed: the person does not manage this server.
        BadOption: a limit is out of its range, or there are too many tiers.
    """
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        known = tiers_of(session, guild_id)
        usual = known.get(guild_id, STANDARD)
        tier = replace(known.get(role_id, usual), **changes)
        if role_id not in known and len(known) >= MAX_TIERS:
            raise BadOption("role", role_id, _("a server has up to {most} tiers.", most=MAX_TIERS))
        set_tier(session, guild_id, role_id, tier)
        record(session, person.member_id, "quota.tier", str(role_id), asdict(tier), guild_id=guild_id)
    return tier


def remove_tier(studio: Studio, person: Person, role_id: int) -> None:
    """A role gives nothing any more. Raises NotAllowed, NotFound."""
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        if not clear_tier(session, guild_id, role_id):
            raise NotFound(_("That role has no tier; `/quota tiers` shows those that there are."))
        record(session, person.member_id, "quota.tier.remove", str(role_id), guild_id=guild_id)


def change_rules(
    studio: Studio, person: Person, *, refill_hours: int | None, confirm_above: int | None
) -> QuotaRules:
    """Set what holds for the whole server; None leaves it, a negative `confirm_above` is what is usual.

    Raises:
        NotAllowed: the person does not manage this server.
        BadOption: a value is out of its range.
    """
    if refill_hours is not None and not 1 <= refill_hours <= MAX_REFILL_HOURS:
        allowed = _("choose {low} to {high}.", low=1, high=MAX_REFILL_HOURS)
        raise BadOption("refill_hours", refill_hours, allowed)
    if confirm_above is not None and confirm_above > MAX_CREDITS:
        raise BadOption("confirm_above", confirm_above, _("choose up to {most}.", most=MAX_CREDITS))
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        rules = quota_rules(session, guild_id)
        if refill_hours is not None:
            rules = replace(rules, refill_hours=refill_hours)
        if confirm_above is not None:
            rules = replace(rules, confirm_above=None if confirm_above < 0 else confirm_above)
        set_quota_rules(session, guild_id, rules)
        record(session, person.member_id, "quota.server", str(guild_id), asdict(rules), guild_id=guild_id)
    return rules


def tiers_here(studio: Studio, person: Person) -> tuple[dict[int, Tier], QuotaRules]:
    """The tiers of the server that the person is in by role, and its rules; for anyone. Raises NotAllowed."""
    guild_id = server_of(person)
    with studio.database.read() as session:
        return tiers_of(session, guild_id), quota_rules(session, guild_id)
