"""The bot's words about credits, tiers and who is before whom."""

from __future__ import annotations

from collections.abc import Mapping

from actions.queue import Reasons
from actions.quota import Quota
from bot.text import credits, place_text, shown_prompt
from core.tiers import Tier
from core.words import _, ngettext
from db.tiers import QuotaRules
from db.why import Ahead


def quota_text(told: Quota) -> str:
    """The answer of `/quota show`."""
    tier = told.tier
    lines = [_("**{credits}** to spend.", credits=credits(told.balance))]
    if told.held:
        lines.append(_("{credits} held for what waits or is being made.", credits=credits(told.held)))
    lines.append(_("{credits} spent in the last seven days.", credits=credits(told.spent)))
    if tier.refill:
        lines.append(
            _(
                "<t:{time}:R> come {credits}, up to {cap}.",
                time=int(told.refill_at),
                credits=credits(tier.refill),
                cap=tier.cap,
            )
        )
    else:
        lines.append(_("Nothing is refilled here."))
    return "\n".join([*lines, "-# " + _("Your tier: {limits}", limits=limits_text(tier))])


def limits_text(tier: Tier) -> str:
    """What a tier gives besides credits."""
    kept = (
        _("pictures kept for good")
        if tier.retention is None
        else ngettext("pictures kept {number} day", "pictures kept {number} days", tier.retention)
    )
    return " · ".join(
        [
            ngettext("{number} unfinished job", "{number} unfinished jobs", tier.jobs),
            ngettext("{number} drawn at once", "{number} drawn at once", tier.running),
            _("weight {value}", value=f"{tier.weight:g}"),
            kept,
        ]
    )


def role_text(role_id: int, guild_id: int | None) -> str:
    # Discord shows the role that everybody has by another mention, which would ping them.
    return _("Everybody") if role_id == guild_id else f"<@&{role_id}>"


def tier_line(role_id: int, guild_id: int | None, tier: Tier) -> str:
    """What a role gives, in one line."""
    role = role_text(role_id, guild_id)
    refill = _("{refill} up to {cap}", refill=credits(tier.refill), cap=tier.cap)
    return f"**{role}**: {refill} · {limits_text(tier)}"


def tiers_lines(tiers: Mapping[int, Tier], rules: QuotaRules, guild_id: int | None) -> list[str]:
    """What `/quota tiers` lists."""
    return [rules_text(rules), *(tier_line(role_id, guild_id, tier) for role_id, tier in tiers.items())]


def rules_text(rules: QuotaRules) -> str:
    """What holds for a whole server."""
    every = ngettext("Refilled every hour.", "Refilled every {number} hours.", rules.refill_hours)
    asks = (
        _("What costs more than 20 credits and a tenth of the balance is asked about first.")
        if rules.confirm_above is None
        else _("What costs more than {credits} is asked about first.", credits=credits(rules.confirm_above))
    )
    return f"{every} {asks}"


def why_text(told: Reasons) -> str:
    """The answer of `/why`: counts and reasons, and nobody's name."""
    lines = [f"`{told.job.id}` {shown_prompt(told.job, 60)}", place_text(told.job, told.place)]
    if told.place.position and told.place.paused is None and not told.place.lacking:
        lines += [f"• {line}" for line in _reasons(told.ahead)] or [
            _("• Nothing is before it: it starts as soon as a worker has room.")
        ]
        lines.append(
            "-# "
            + _(
                "Members take turns by what their pictures take, however many each has asked for; nobody "
                "waits over a minute behind others' later pictures."
            )
        )
    return "\n".join(lines)


def _reasons(ahead: Ahead) -> list[str]:
    lines = []
    if ahead.own:
        lines.append(
            ngettext(
                "{number} of your own was asked for before it.",
                "{number} of your own were asked for before it.",
                ahead.own,
            )
        )
    if ahead.others:
        lines.append(
            ngettext(
                "{number} job of others has an earlier turn ({members} waiting).",
                "{number} jobs of others have an earlier turn ({members} waiting).",
                ahead.others,
                members=ngettext("{number} member", "{number} members", ahead.members),
            )
        )
    if ahead.heavier:
        lines.append(
            ngettext(
                "{number} of them has a larger share by their role than your {weight}.",
                "{number} of them have a larger share by their roles than your {weight}.",
                ahead.heavier,
                weight=f"{ahead.weight:g}",
            )
        )
    if ahead.starved:
        lines.append(
            ngettext(
                "{number} member has waited over a minute without a picture, and goes first.",
                "{number} members have waited over a minute without a picture, and go first.",
                ahead.starved,
            )
        )
    if ahead.loaded:
        lines.append(
            ngettext(
                "{number} of the same turn goes first, as its model is loaded already.",
                "{number} of the same turn go first, as their model is loaded already.",
                ahead.loaded,
            )
        )
    if ahead.at_limit:
        lines.append(
            ngettext(
                "{number} of yours is being made, which is as many at once as your tier allows.",
                "{number} of yours are being made, which is as many at once as your tier allows.",
                ahead.running,
            )
        )
    return lines
