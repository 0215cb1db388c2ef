"""`/mod` and `/audit` through Discord: who may, what a ban stops, and what is told to whom."""

from __future__ import annotations

import json

import pytest

from core.jobs import JobState
from sandbox.interactions import DEFERRED_MESSAGE
from sandbox.seen import SeenInteraction
from tests.bot.reacting import direct
from tests.bot.studio import Town
from tests.bot.test_gallery import made

pytestmark = pytest.mark.usefixtures("bot")

#: Discord's *Moderate Members*.
MODERATE_MEMBERS = 1 << 40
MANAGE_MESSAGES = 1 << 13


async def ids(town: Town) -> dict[str, str]:
    """Ids of the members of the first server, by name."""
    guild = (await town.members.town())["guilds"][0]
    return {member["user"]["username"]: member["user"]["id"] for member in guild["members"]}


async def use(town: Town, command: str, by: str, **options: object) -> SeenInteraction:
    """A member uses a command; its own `member` option is among the options."""
    return await town.members.settled(await town.members.slash(by, "studio", command, options))


async def test_a_ban_cancels_what_waits_and_is_asked_for_at_every_door(town: Town) -> None:
    people = await ids(town)
    shown = await town.imagine()
    town.worker.make()
    result = await town.result(shown)
    waiting = await town.imagine("a blue fox")
    await use(town, "mod ban", "maya", member=people["ana"], reason="spam", duration="2h")
    told = await town.until_told("1 of their pictures cancelled", member="maya")
    assert "**ban** until <t:" in told.content
    await town.result(waiting, pictures=0)
    assert [job.state for job in town.jobs()] == [JobState.DONE, JobState.CANCELLED] and town.spent() == 1
    await town.imagine("once more")
    await town.until_told("You are banned", "spam")
    await town.press(result, "seed")
    await town.members.settled(await town.members.message_command("ana", "Rerun", result.id))
    assert len(town.jobs()) == 2
    (direct,) = await town.members.messages(await town.members.open_dm("ana"), "ana")
    assert "From the moderators" in direct.content and "spam" in direct.content
    await use(town, "mod record", "ana")
    await town.until_told("0 strikes", "**ban** until")
    await use(town, "mod lift", "maya", member=people["ana"], what="ban")
    await town.until_told("Lifted 1 ban", member="maya")
    await town.imagine("back again")
    assert len(town.jobs()) == 3


async def test_others_may_not(town: Town) -> None:
    people = await ids(town)
    for command, options in (
        ("mod ban", {"member": people["ana"], "reason": "spam"}),
        ("mod timeout", {"member": people["ana"], "reason": "spam", "duration": "5m"}),
        ("mod strike", {"member": people["ana"], "reason": "spam"}),
        ("mod lift", {"member": people["ana"], "what": "strike"}),
        ("mod record", {"member": people["ana"]}),
        ("audit", {}),
        ("audit", {"export": True}),
    ):
        seen = await use(town, command, "ben", **options)
        if seen.message_id:  # some answers follow a "thinking..."
            await town.until(seen, "for moderators", member="ben")
        else:
            assert "for moderators" in (await town.told("ben")).content, command
    role = await town.members.add_role("helpers", permissions=MODERATE_MEMBERS)
    await use(town, "mod role", "ben", role=str(role), moderates=True)
    await town.until_told("may manage this server", member="ben")
    await town.imagine("unharmed")
    assert len(town.jobs()) == 1


async def test_roles_moderate_by_discord_or_by_the_servers_settings(town: Town) -> None:
    people = await ids(town)
    by_discord = await town.members.add_role("timers", permissions=MODERATE_MEMBERS)
    by_settings = await town.members.add_role("helpers")
    await town.members.set_roles("ben", [str(by_discord)])
    await use(town, "mod strike", "ben", member=people["ana"], reason="spam")
    await town.until_told("**strike** until", member="ben")
    await town.members.set_roles("chloe", [str(by_settings)])
    await use(town, "mod strike", "chloe", member=people["ana"], reason="spam")
    await town.until_told("for moderators", member="chloe")
    await use(town, "mod role", "maya", role=str(by_settings), moderates=True)
    await town.until_told("moderates here", member="maya")
    await use(town, "mod timeout", "chloe", member=people["ana"], reason="spam", duration="30 years")
    await town.until_told("`30 years`", member="chloe")
    await use(town, "mod timeout", "chloe", member=people["ana"], reason="spam", duration="30m")
    await town.until_told("**time-out** until", member="chloe")
    await town.imagine()
    await town.until_told("You are timed out")
    assert town.jobs() == []
    await use(town, "mod ban", "ben", member=people["chloe"], reason="mine")
    await town.until_told("is a moderator", member="ben")
    await use(town, "mod ban", "chloe", member=people["olive"], reason="mine")
    await town.until_told("manage the server can be", member="chloe")


async def test_what_one_channel_allows_makes_no_moderator(town: Town) -> None:
    people = await ids(town)
    await town.members.set_overwrite("studio", member="chloe", allow=MANAGE_MESSAGES | MODERATE_MEMBERS)
    await use(town, "mod strike", "chloe", member=people["ana"], reason="spam")
    await town.until_told("for moderators", member="chloe")
    result = await made(town)
    await town.members.react("chloe", result.id, "🗑️")
    await direct(town, "chloe", "they or a moderator can do that")
    town.only_job()
    await use(town, "mod strike", "maya", member=people["chloe"], reason="spam")
    await town.until_told("**strike** until", member="maya")


async def test_decisions_are_acknowledged_however_long_they_take(town: Town) -> None:
    people = await ids(town)
    for command, options, done in (
        ("mod ban", {"reason": "spam"}, "**ban** for good"),
        ("mod lift", {"what": "ban"}, "Lifted 1 ban"),
    ):
        with town.database.begin():  # nobody else writes meanwhile
            await use(town, command, "maya", member=people["ana"], **options)
        await town.until_told(done, member="maya")
    await use(town, "mod ban", "maya", member=people["ana"], reason="spam")
    await town.until_told("**ban** for good", member="maya")
    await use(town, "appeal", "ana", why="it was not me")
    await town.until_told("will look at it")
    await use(town, "reports", "maya")
    case = await town.until_told("it was not me", member="maya")
    with town.database.begin():
        await town.press(case, "appeal-grant", "maya")
    await town.until_told("was lifted", member="maya")
    for command in ("audit", "admin usage"):
        assert (await use(town, command, "maya")).answer_kind == DEFERRED_MESSAGE, command
    await town.until_told("appeal.grant", member="maya")
    await town.until_told("Nobody made a picture", member="maya")


async def test_the_audit_names_roles_and_channels_as_discord_shows_them(town: Town) -> None:
    (guild,) = (await town.members.town())["guilds"]
    role = next(role["id"] for role in guild["roles"] if role["name"] != "@everyone")
    await use(town, "mod role", "maya", role=role, moderates=True)
    await use(town, "quota tier", "maya", role=role, refill=5)
    await use(town, "access set", "maya", effect="deny", model="starter", role=role)
    await use(town, "access images", "maya", policy="quarantine")
    await use(town, "audit", "maya")
    told = await town.until_told("Audit", "role.moderates", "images.policy", member="maya")
    assert told.text.count(f"<@&{role}>") == 3 and f" {role}" not in told.text
    assert "None" not in told.text


async def test_the_audit_is_searched_and_exported(town: Town) -> None:
    people = await ids(town)
    for name in ("ana", "ben"):
        await use(town, "mod strike", "maya", member=people[name], reason=f"spam of {name}")
    await use(town, "audit", "maya", words="spam of ana")
    told = await town.until_told("Audit", member="maya")
    assert people["ana"] in told.text and people["ben"] not in told.text
    await use(town, "audit", "maya", export=True)

    def has_file(message: object) -> bool:
        return bool(getattr(message, "attachments", None))

    shown = await town.members.wait_for("studio", has_file, member="maya")
    lines = (await town.members.download(shown.attachments[0])).decode().splitlines()
    assert [json.loads(line)["detail"]["reason"] for line in lines] == ["spam of ben", "spam of ana"]
