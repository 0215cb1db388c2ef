"""Which gateway events a session asked for, and message content for those who did not ask for it."""

from typing import Any

MESSAGE_CONTENT = 1 << 15
# event: (the intent for a server's events, the intent for DMs); 0 where none is needed.
INTENTS = {
    "GUILD_CREATE": (1 << 0, 0),
    "GUILD_ROLE_CREATE": (1 << 0, 0),
    "CHANNEL_CREATE": (1 << 0, 0),
    "CHANNEL_DELETE": (1 << 0, 0),
    "GUILD_MEMBER_ADD": (1 << 1, 0),
    "GUILD_MEMBER_UPDATE": (1 << 1, 0),
    "GUILD_MEMBER_REMOVE": (1 << 1, 0),
    "MESSAGE_CREATE": (1 << 9, 1 << 12),
    "MESSAGE_UPDATE": (1 << 9, 1 << 12),
    "MESSAGE_DELETE": (1 << 9, 1 << 12),
    "MESSAGE_REACTION_ADD": (1 << 10, 1 << 13),
    "MESSAGE_REACTION_REMOVE": (1 << 10, 1 << 13),
}
CONTENT_FIELDS = {"content": "", "embeds": [], "attachments": [], "components": []}


def permitted(event: str, data: dict[str, Any], intents: int) -> dict[str, Any] | None:
    """The event as a session with `intents` sees it, or None when it did not ask for it."""
    needed = INTENTS.get(event, (0, 0))["guild_id" not in data and event != "GUILD_CREATE"]
    if needed and not intents & needed:
        return None
    return data if intents & MESSAGE_CONTENT or not _hides_content(event, data) else data | CONTENT_FIELDS


def _hides_content(event: str, data: dict[str, Any]) -> bool:
    """Without the intent, what people say in a server is blank unless it mentions the bot."""
    if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or "guild_id" not in data:
        return False
    return not data["author"]["bot"] and not any(user["bot"] for user in data["mentions"])
