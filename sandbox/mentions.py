"""Whom a message pings, given what its sender allowed."""

import re
from dataclasses import dataclass
from typing import Any

from .errors import invalid_form
from .state import World

USER = re.compile(r"<@!?(\d+)>")
ROLE = re.compile(r"<@&(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """Whom a text pings."""

    users: list[int]
    roles: list[int]
    everyone: bool


def mentioned(
    content: str, allowed: dict[str, Any] | None, world: World, *, replied: int | None = None
) -> Mentions:
    """Those whom the sender allows; no `allowed_mentions` allows everything. Raises DiscordError.

    `replied` wrote the message that this one answers, and is pinged too unless `replied_user` says otherwise.
    """
    parse = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
    known_roles = {role_id for guild in world.guilds.values() for role_id in guild.roles}

    def among(kind: str, pattern: re.Pattern[str], known: Any) -> list[int]:
        named = {int(each) for each in (allowed or {}).get(kind) or ()}
        if named and kind in parse:
            raise invalid_form(
                "allowed_mentions", f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            )
        found = dict.fromkeys(int(each) for each in pattern.findall(content))
        return [each for each in found if each in known and (kind in parse or each in named)]

    users = among("users", USER, world.users)
    if replied in world.users and replied not in users and (allowed is None or allowed.get("replied_user")):
        users.append(replied)
    return Mentions(
        users=users,
        roles=among("roles", ROLE, known_roles),
        everyone=bool(EVERYONE.search(content)) and "everyone" in parse,
    )
