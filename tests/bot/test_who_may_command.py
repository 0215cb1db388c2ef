"""Who may use the commands that keep order: members, moderators, managers, the owner, and the banned.

olive owns the studio (it is her bot) and manages the server; zoe manages it and owns nothing; finn moderates
another server.
"""

from __future__ import annotations

import pytest

from sandbox.seen import SeenInteraction
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
    ("filter remove", {"text": "bear"}, MODERATORS),
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
    ("style add", {"name": "Ink", "prompt": "ink drawing of {prompt}"}, MANAGERS),
    ("style remove", {"name": "Ink"}, MANAGERS),
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


async def test_who_moderates_another_server_changes_nothing_here_from_there(town: Town) -> None:
    names, elsewhere = await people(town), await moderated_by_finn(town)
    reason = {"reason": "ours"}
    for command, options, told in (
        ("takedown picture", {"id": names["job"], **reason}, "no such picture"),
        ("takedown undo", {"id": names["job"]}, "Nothing is blocked"),
        ("mod record", {"member": names["dora"]}, "0 strikes"),
        ("mod lift", {"member": names["dora"], "what": "ban"}, "no ban here"),
        ("audit", {}, "Nothing of the kind"),
        ("reports", {}, "Nothing"),
        ("filter list", {}, "lists are empty"),
    ):
        seen = await town.members.slash("finn", elsewhere, command, options)
        answer = await said(town, "finn", await town.members.answered(seen), elsewhere)
        assert told in answer, (command, answer)
    assert town.only_job().id == names["job"]


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


async def moderated_by_finn(town: Town) -> str:
    """A channel of another server."""
    guild = str(await town.members.add_guild("Elsewhere"))
    role = await town.members.add_role("keepers", permissions=_MANAGE_MESSAGES, guild=guild)
    await town.members.add_member("finn", guild=guild)
    await town.members.set_roles("finn", [str(role)], guild=guild)
    return str(await town.members.add_channel("pictures", guild=guild))


async def may(town: Town, member: str, command: str, options: dict[str, object]) -> bool:
    """Whether the command does something, or says why it can't, in place of saying whom it is for."""
    seen = await town.members.answered(await town.members.slash(member, "studio", command, options))
    return not (await said(town, member, seen, "studio")).startswith(REFUSALS)


async def said(town: Town, member: str, seen: SeenInteraction, channel: str) -> str:
    """What the member is answered."""

    async def answer() -> str | None:
        messages = await town.members.messages(channel, member, interaction=seen.id)
        return next((one.text or "a file" for one in messages if not one.loading), None)

    told: str = await town.members.wait_until(answer)
    return told


def _filled(value: object, names: dict[str, str]) -> object:
    return names[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
