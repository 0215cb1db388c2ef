"""What the gallery, its channel and contests say."""

from __future__ import annotations

from collections.abc import Sequence

from actions.contest import ContestView
from actions.gallery import Shown
from actions.publish import Published
from bot.text import MESSAGE_LENGTH, shown_prompt
from core.text import escape_markdown, lines_within
from core.words import _, ngettext
from db.contests import Contest, Standing

_PROMPT_SHOWN = 120


def published_text(published: Published) -> str:
    """What whoever published is told."""
    settings = published.settings
    done = _("It is in the gallery now: `/gallery browse` shows it.")
    if settings.channel_id is None:
        return done
    more = _(
        "With {number} ⭐ it is posted in {channel}, too.",
        number=settings.threshold,
        channel=f"<#{settings.channel_id}>",
    )
    return f"{done} {more}"


def channel_text(channel_id: int | None) -> str:
    """Where pictures with enough votes are posted; None is nowhere."""
    if channel_id is None:
        return _("Published pictures are posted nowhere now.")
    return _(
        "Published pictures with enough ⭐ are posted in {channel}; those that have them already, "
        "with their next vote.",
        channel=f"<#{channel_id}>",
    )


def threshold_text(votes: int) -> str:
    """How many votes are enough."""
    return _(
        "A published picture is posted once it has {number} ⭐; one that has them already, with its next "
        "vote.",
        number=votes,
    )


def account_age_text(days: int) -> str:
    """Whose votes count."""
    return ngettext(
        "Votes count from accounts that are {number} day old or older.",
        "Votes count from accounts that are {number} days old or older.",
        days,
    )


def entry_text(shown: Shown) -> str:
    """Above a published picture."""
    head = f"⭐ **{shown.entry.votes}** · {shown_prompt(shown.job, 300)} · <@{shown.entry.member_id}>"
    return f"{head}\n-# `{shown.job.id}`"


def page_line(number: int, shown: Shown) -> str:
    """A picture of a page, by its place there."""
    prompt = shown_prompt(shown.job, _PROMPT_SHOWN)
    return f"**{number}** ⭐ {shown.entry.votes} · {prompt} · <@{shown.entry.member_id}>"


def page_text(pictures: Sequence[Shown]) -> str:
    if not pictures:
        return _("Nothing of the kind is in the gallery. 🖼️ under a picture of yours publishes it.")
    return lines_within([page_line(at, shown) for at, shown in enumerate(pictures, 1)], MESSAGE_LENGTH)


def contest_text(contest: Contest) -> str:
    """The announcement of a contest."""
    head = _("🏆 Contest: **{theme}**", theme=escape_markdown(contest.theme))
    if contest.cancelled:
        return f"{head}\n{_('It was cancelled.')}"
    if contest.ended_at is not None:
        return f"{head}\n{_('It is over.')}"
    how = _(
        "Publish a picture of yours (🖼️) and enter it, one each. Whoever has the most ⭐ wins. It closes "
        "{when}.",
        when=f"<t:{int(contest.closes_at)}:R> (<t:{int(contest.closes_at)}:f>)",
    )
    return f"{head}\n{how}"


def winners_text(contest: Contest, standings: Sequence[Standing]) -> str:
    """Who won, ties told."""
    head = _("🏆 The contest **{theme}** is over.", theme=escape_markdown(contest.theme))
    lines = standing_lines(standings[:10]) if winning(standings) else []
    return lines_within([head, _outcome(standings), *lines], MESSAGE_LENGTH)


def _outcome(standings: Sequence[Standing]) -> str:
    winners = winning(standings)
    if not standings:
        return _("Nobody entered a picture.")
    if not winners:
        return _("No picture had a vote, so nobody wins.")
    names = ", ".join(f"<@{one.entry.member_id}>" for one in winners)
    votes = winners[0].votes
    if len(winners) == 1:
        return _("{member} wins with {number} ⭐!", member=names, number=votes)
    return _("A tie: {members} win with {number} ⭐ each!", members=names, number=votes)


def winning(standings: Sequence[Standing]) -> list[Standing]:
    """Those with the most votes, at least one."""
    most = max((one.votes for one in standings), default=0)
    return [one for one in standings if one.votes == most and most > 0]


def standing_lines(standings: Sequence[Standing]) -> list[str]:
    return [f"⭐ {one.votes} · <@{one.entry.member_id}> · `{one.entry.job_id}`" for one in standings]


def standings_text(view: ContestView) -> str:
    """How a contest stands, or who won, to whoever asks."""
    contest = view.contest
    ended = contest.ended_at is not None and not contest.cancelled
    outcome = [_outcome(view.placed)] if ended else []
    entered = ngettext("{number} picture is in it.", "{number} pictures are in it.", view.entries)
    lines = [contest_text(contest), *outcome, entered, *standing_lines(view.standings)]
    return lines_within(lines, MESSAGE_LENGTH)
