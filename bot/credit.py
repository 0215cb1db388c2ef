"""What names the member whose published picture another one was made of."""

from __future__ import annotations

from core.words import _
from db.credit import Credit


def credit_text(credit: Credit) -> str:
    """Under what was made of another's published picture."""
    member = f"<@{credit.member_id}>"
    if credit.message is None:
        return _("🖼️ Made of a picture by {member}.", member=member)
    link = message_link(credit.guild_id, *credit.message)
    return _("🖼️ Made of [a picture]({link}) by {member}.", link=link, member=member)


def message_link(guild_id: int, channel_id: int, message_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"
