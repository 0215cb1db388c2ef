"""Who may use the commands that keep order: members, moderators, managers, the owner, and the banned.

olive owns the studio (it is her bot) and manages the server; zoe manages it and owns nothing.
"""

from __future__ import annotations

import pytest

from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")

_MANAGE_MESSAGES, _MANAGE_GUILD = 1 << 13, 1 << 5

PEOPLE = ("ben", "dora", "mira", "zoe", "olive")
MODERATORS = {"mira", "zoe", "olive"}
MANAGERS = {"zoe", "olive"}
OWNER = {"olive"}

#: What each is told by whom it is not for.
REFUSALS = ("That is for moderators", "That is for those who may manage", "That is for the owner")

COMMANDS: list[tuple[str, dict[str, object], set[str]]] = [
    ("mod timeout", {"member": "{ana}", "duration": "5m", "reason": "rude"}, MODERATORS),
    ("mod strike", {"member": "{ana}", "reason": "rude"}, MODERATORS),
    ("mod ban", {"member": "{ana}", "reason": "rude"}, MODERATORS),
    ("mod lift", {"member": "{ana}", "what": "ban"}, MODERATORS),
    ("mod record", {"member": "{ana}"}, MODERATORS),
    ("mod role", {"role": "{role}", "moderates": True}, MANAGERS),
    ("audit", {}, MODERATORS),
    ("reports", {}, MODERATORS),
    ("filter words", {"effect": "deny", "words": "bear"}, MODERATORS),
    ("filter pattern", {"effect": "deny", "pattern": "be+r"}, MODERATORS),
    ("filter list", {}, MODERATORS),
    ("takedown picture", {"id": "{job}", "reason": "ours"}, MODERATORS),
    ("takedown undo", {"id": "{job}"}, MODERATORS),
    ("access set", {"effect": "deny", "command": "grid", "channel": "{channel}"}, MANAGERS),
    ("access images", {"policy": "quarantine"}, MANAGERS),
    ("gallery channel", {"channel": "{channel}"}, MANAGERS),
    ("gallery threshold", {"stars": 5}, MANAGERS),
    ("gallery age", {"days": 5}, MANAGERS),
    ("contest start", {"theme": "foxes", "lasts": "2h"}, MODERATORS),
    ("contest cancel", {}, MODERATORS),
    ("quota grant", {"member": "{ana}", "credits": 5}, MANAGERS),
    ("quota tier", {"role": "{role}", "refill": 5}, MANAGERS),
    ("quota server", {"refill_hours": 12}, MANAGERS),
    ("settings server", {"setting": "steps", "value": "7"}, MANAGERS),
    ("settings channel", {"setting": "steps", "value": "7"}, MANAGERS),
    ("admin pause", {"reason": "lunch"}, MANAGERS),
    ("admin pause", {"reason": "lunch", "where": "studio"}, OWNER),
    ("admin resume", {}, MANAGERS),
    ("admin model", {"model": "starter", "state": "off"}, MANAGERS),
    ("admin off", {}, MANAGERS),
    ("admin usage", {}, MANAGERS),
    ("admin usage", {"where": "studio"}, OWNER),
    ("admin drain", {}, OWNER),
    ("admin health", {}, OWNER),
]


async def test_who_may_use_which_command(town: Town) -> None:
    names = await people(town)
    found = []
    for command, options, _allowed in COMMANDS:
        filled = {name: _filled(value, names) for name, value in options.items()}
        allowed = {member for member in PEOPLE if await may(town, member, command, filled)}
        found.append((command, options, allowed))
    assert found == COMMANDS


async def people(town: Town) -> dict[str, str]:
    """What the options' placeholders stand for."""
    role = await town.members.add_role("keepers", permissions=_MANAGE_MESSAGES)
    manager = await town.members.add_role("managers", permissions=_MANAGE_GUILD)
    for member in ("mira", "zoe", "dora"):
        await town.members.add_member(member)
    await town.members.set_roles("mira", [str(role)])
    await town.members.set_roles("zoe", [str(manager)])
    seen = await town.imagine()
    town.worker.make()
    message = await town.result(seen)
    known = await town.members.town()
    names = {member["user"]["username"]: member["user"]["id"] for member in known["guilds"][0]["members"]}
    ban = {"member": names["dora"], "reason": "rude"}
    await town.members.answered(await town.members.slash("olive", "studio", "mod ban", ban))
    other = await town.members.add_role("others")
    return {**names, "role": str(other), "channel": str(message.channel_id), "job": town.only_job().id}


async def may(town: Town, member: str, command: str, options: dict[str, object]) -> bool:
    """Whether the command does something, or says why it can't, in place of saying whom it is for."""
    seen = await town.members.answered(await town.members.slash(member, "studio", command, options))

    async def answer() -> str | None:
        messages = await town.members.messages("studio", member, interaction=seen.id)
        return next((one.text or "a file" for one in messages if not one.loading), None)

    told: str = await town.members.wait_until(answer)
    return not told.startswith(REFUSALS)


def _filled(value: object, names: dict[str, str]) -> object:
    return names[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
