"""Which gateway events a session asked for, and what is left out for those who may not see all of them."""

from typing import Any

GUILDS, MEMBERS, WEBHOOKS, PRESENCES = 1 << 0, 1 << 1, 1 << 5, 1 << 8
MESSAGES, REACTIONS, DM_MESSAGES, DM_REACTIONS = 1 << 9, 1 << 10, 1 << 12, 1 << 13
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | MESSAGE_CONTENT
KNOWN = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25

# event: (the intent for a server's events, the intent for DMs); 0 where none is needed.
INTENTS = {
    "INTERACTION_CREATE": (0, 0),
    **dict.fromkeys(("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"), (GUILDS, 0)),
    **dict.fromkeys(("GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE"), (GUILDS, 0)),
    **dict.fromkeys(("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"), (GUILDS, 0)),
    "CHANNEL_PINS_UPDATE": (GUILDS, DM_MESSAGES),
    **dict.fromkeys(
        ("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_MEMBERS_UPDATE"), (GUILDS, 0)
    ),
    **dict.fromkeys(("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"), (MEMBERS, 0)),
    "WEBHOOKS_UPDATE": (WEBHOOKS, 0),
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE": (0, 0),
    **dict.fromkeys(
        ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"), (MESSAGES, DM_MESSAGES)
    ),
    **dict.fromkeys(
        (
            "MESSAGE_REACTION_ADD",
            "MESSAGE_REACTION_REMOVE",
            "MESSAGE_REACTION_REMOVE_ALL",
            "MESSAGE_REACTION_REMOVE_EMOJI",
        ),
        (REACTIONS, DM_REACTIONS),
    ),
}
CONTENT_FIELDS = {"content": "", "embeds": [], "attachments": [], "components": []}


def permitted(event: str, data: dict[str, Any], intents: int) -> dict[str, Any] | None:
    """The event as a session with `intents` sees it, or None when it did not ask for it."""
    needed = INTENTS.get(event, (0, 0))[
        "guild_id" not in data and event not in ("GUILD_CREATE", "GUILD_UPDATE")
    ]
    if needed and not intents & needed and not _about_the_bot(event, data):
        return None
    if event == "GUILD_CREATE" and not intents & PRESENCES:
        return data | {"members": [member for member in data["members"] if member["user"]["bot"]]}
    return data if intents & MESSAGE_CONTENT or not _hides_content(event, data) else data | CONTENT_FIELDS


def _about_the_bot(event: str, data: dict[str, Any]) -> bool:
    """A bot hears of its own roles with any intents."""
    return event == "GUILD_MEMBER_UPDATE" and data["user"]["bot"]


def _hides_content(event: str, data: dict[str, Any]) -> bool:
    """Without the intent, what people say in a server is blank unless it mentions the bot."""
    if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or "guild_id" not in data:
        return False
    return not data["author"]["bot"] and not any(user["bot"] for user in data["mentions"])
