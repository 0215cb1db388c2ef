"""What is told of a sanction."""

from __future__ import annotations

from actions.sanction import Sanctioned
from core.moderation import SANCTION_WORDS
from core.text import escape_markdown
from core.words import _
from db.sanctions import Sanction


def told_member(done: Sanctioned, server: str) -> str:
    """For the member, in a direct message."""
    lines = [
        _("From the moderators of **{server}**:", server=escape_markdown(server)),
        sanction_line(done.sanction),
    ]
    if done.follows is not None:
        lines.append(sanction_line(done.follows))
    return "\n".join(lines)


def sanction_line(sanction: Sanction) -> str:
    """What it is, how long, and why."""
    kind = _(SANCTION_WORDS[sanction.kind])
    # Reasons that the studio gave are in the catalogues; those that moderators typed stay as they are.
    why = escape_markdown(_(sanction.reason))
    if sanction.lifted_at is not None:
        return _("**{kind}** lifted {when}: {why}", kind=kind, when=_time(sanction.lifted_at), why=why)
    if sanction.expires_at is None:
        return _("**{kind}** for good: {why}", kind=kind, why=why)
    return _("**{kind}** until {when}: {why}", kind=kind, when=_time(sanction.expires_at), why=why)


def _time(at: float) -> str:
    return f"<t:{int(at)}:f>"
