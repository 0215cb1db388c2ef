"""`/access` through Discord: rules by role and channel, asked again at every press."""

from __future__ import annotations

import pytest

from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def use(town: Town, name: str, by: str, **options: object) -> None:
    """A member uses a command, whose own `command` option is among the options."""
    await town.members.settled(await town.members.slash(by, "studio", name, options))


async def test_rules_hold_for_commands_and_presses(town: Town) -> None:
    first = await town.imagine()
    town.worker.make()
    result = await town.result(first)
    role = await town.members.add_role("newcomers")
    await use(town, "access set", "ben", effect="deny", command="imagine", role=str(role))
    await town.until_told("may manage this server", member="ben")
    await use(town, "access set", "maya", effect="deny", command="imagine", role=str(role))
    await town.until_told("**deny** command /imagine", member="maya")
    await town.members.set_roles("ana", [str(role)])
    await town.imagine("another")
    await town.until_told("can't use `/imagine` with the roles")
    await town.press(result, "seed")
    await town.press(result, "rerun", "ben")
    assert len(town.jobs()) == 2
    await use(town, "access set", "maya", effect="allow", model="starter", role=str(role))
    await town.press(result, "seed", "ben")
    await town.until_told("the model `starter` with the roles", member="ben")
    await town.slash("access list", "ben")
    await town.until_told("**allow** model starter", member="ben")
    await use(town, "access set", "maya", effect="none", command="imagine", role=str(role))
    await town.until_told("No rule any more", member="maya")
    await town.press(result, "seed")
    assert len(town.jobs()) == 3


async def test_a_rule_is_about_one_thing_for_one(town: Town) -> None:
    await use(town, "access set", "maya", effect="deny", command="grid")
    await town.until_told("for a **role** or a **channel**", member="maya")
    role = await town.members.add_role("newcomers")
    await use(town, "access set", "maya", effect="deny", role=str(role))
    await town.until_told("about a **command** or a **model**", member="maya")
    await town.slash("access list")
    await town.until_told("no rules")
