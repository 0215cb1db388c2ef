"""Whom a message pings, given what its sender allowed."""

import re
from typing import Any

from .state import World

USER = re.compile(r"<@!?(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")


def mentioned(content: str, allowed: dict[str, Any] | None, world: World) -> tuple[list[int], bool]:
    """The ids of the users pinged, and whether everyone is. No `allowed_mentions` allows everything."""
    everything = allowed is None
    parse = [] if allowed is None else allowed.get("parse") or []
    named = {int(user_id) for user_id in (allowed or {}).get("users") or ()}
    found = dict.fromkeys(int(user_id) for user_id in USER.findall(content))
    users = [u for u in found if u in world.users and (everything or "users" in parse or u in named)]
    return users, bool(EVERYONE.search(content)) and (everything or "everyone" in parse)
