"""What is told of a sanction."""

from __future__ import annotations

from actions.sanction import Sanctioned
from core.text import escape_markdown
from db.sanctions import Sanction


def told_member(done: Sanctioned, server: str) -> str:
    """For the member, in a direct message."""
    lines = [f"From the moderators of **{escape_markdown(server)}**:", sanction_line(done.sanction)]
    if done.follows is not None:
        lines.append(sanction_line(done.follows))
    return "\n".join(lines)


def sanction_line(sanction: Sanction) -> str:
    """What it is, how long, and why."""
    until = "for good" if sanction.expires_at is None else f"until <t:{int(sanction.expires_at)}:f>"
    if sanction.lifted_at is not None:
        until = f"lifted <t:{int(sanction.lifted_at)}:f>"
    return f"**{sanction.kind.value}** {until}: {escape_markdown(sanction.reason)}"
