"""Reactions on the studio's messages: the same as the buttons, and answered without an interaction."""

from __future__ import annotations

import asyncio

import pytest

from bot import reacted
from bot.buttons import Delete, Report, Rerun, row_of
from bot.client import Atelier
from core.jobs import JobState
from db.votes import has_starred
from sandbox.faults import Fault, FaultKind
from sandbox.seen import SeenMessage
from tests.bot.studio import Town
from tests.bot.test_picture_buttons import made

pytestmark = pytest.mark.usefixtures("bot")

#: Discord's *Manage Messages*.
MANAGE_MESSAGES = 1 << 13


async def direct(town: Town, member: str, text: str) -> SeenMessage:
    """A direct message to a member, once it holds a text."""
    channel = await town.members.open_dm(member)
    return await town.members.wait_for(channel, lambda message: text in message.text, member=member)


async def reply(town: Town, to: SeenMessage) -> SeenMessage:
    return await town.members.wait_for("studio", lambda message: message.reply_to == to.id)


async def until_jobs(town: Town, count: int) -> None:
    async def look() -> bool:
        return len(town.jobs()) == count

    await town.members.wait_until(look)


async def test_rerun_is_a_reply_that_becomes_the_result(town: Town) -> None:
    message = await made(town)
    await town.members.react("ben", message.id, "🔁")
    answer = await reply(town, message)
    first, second = town.jobs()
    assert (second.replay_of, second.request) == (first.id, first.request)
    assert second.member_id != first.member_id and second.interaction_id < 0, "who reacts pays"
    assert answer.nonce == second.id
    town.worker.make()
    await town.members.wait_for(
        "studio", lambda seen: seen.id == answer.id and len(seen.attachments) == 1 and len(seen.buttons) > 5
    )
    assert await town.settled(second.id)


async def test_new_seed_and_an_emoji_without_its_variation_selector(town: Town) -> None:
    message = await made(town)
    await town.members.react("ben", message.id, "🎲")
    await until_jobs(town, 2)
    await town.members.react("ana", message.id, "⬆")
    told = await direct(town, "ana", "upscaler")
    assert "upscaler" in told.content and len(town.jobs()) == 2


async def test_remix_offers_the_button_that_opens_the_form(town: Town) -> None:
    message = await made(town)
    await town.members.react("ben", message.id, "✏️")
    offered = await reply(town, message)
    opened = await town.press(offered, "remix", "ben")
    assert opened.modal is not None
    await town.members.settled(await town.members.submit("ben", opened.id, {"Prompt": "a blue fox"}))
    assert town.jobs()[1].request.typed_prompt == "a blue fox"


async def test_of_several_pictures_one_is_chosen_first(town: Town) -> None:
    message = await made(town, count=2)
    await town.members.react("ben", message.id, "⬆️")
    offered = await reply(town, message)
    assert [button["label"] for button in offered.buttons] == ["Picture 1", "Picture 2"]


async def test_a_star_is_a_favourite_until_it_is_taken_back(town: Town) -> None:
    message, job = await made(town), town.only_job()
    ben = await _id_of(town, "ben")

    def starred() -> bool:
        with town.database.read() as session:
            return has_starred(session, job.id, ben)

    for remove in (False, True):
        await town.members.react("ben", message.id, "⭐", remove=remove)

        async def done(wanted: bool = not remove) -> bool:
            return starred() == wanted

        await town.members.wait_until(done)
    await town.press(message, "favourite", "ben")
    await town.until_told("Among your favourites", member="ben")
    await town.press(message, "favourite", "ben")
    await town.until_told("No longer", member="ben")
    assert not starred()


async def test_the_pictures_come_to_ones_direct_messages(town: Town) -> None:
    message = await made(town)
    for member, buttons in (("ana", True), ("ben", False)):
        await town.members.react(member, message.id, "✉️")
        copy = await direct(town, member, "a red fox")
        assert len(copy.attachments) == 1 and bool(copy.buttons) == buttons
    # What is one's own goes on from there, by button and by reaction.
    copy = await direct(town, "ana", "a red fox")
    await town.members.react("ana", copy.id, "🔁")
    await until_jobs(town, 2)
    assert (town.jobs()[1].guild_id, town.jobs()[1].replay_of) == (None, town.jobs()[0].id)


async def test_what_is_age_restricted_stays_out_of_direct_messages(town: Town) -> None:
    await town.members.change_channel("studio", nsfw=True)
    message = await made(town)
    await town.press(message, "mine")
    await town.until_told("age-restricted")
    await town.members.react("ana", message.id, "✉️")
    told = await direct(town, "ana", "age-restricted")
    assert told.attachments == []


async def test_delete_and_report_ask_for_the_same_rights_as_their_buttons(town: Town) -> None:
    message = await made(town)
    await town.members.react("ben", message.id, "🗑️")
    await direct(town, "ben", "another member's picture")
    await town.members.react("ana", message.id, "🚩")
    await direct(town, "ana", "your own picture")
    await town.members.react("ben", message.id, "🚩")
    await direct(town, "ben", "moderators will look")
    await town.members.react("maya", message.id, "🗑")

    async def gone() -> bool:
        return message.id not in [seen.id for seen in await town.all_messages()]

    await town.members.wait_until(gone)
    assert town.jobs() == []


async def test_whoever_is_banned_is_refused_in_private(town: Town) -> None:
    message = await made(town)
    await town.members.settled(
        await town.members.slash(
            "maya", "studio", "mod ban", {"member": str(await _id_of(town, "ben")), "reason": "spam"}
        )
    )
    for emoji in ("🔁", "🎲", "🚩"):
        await town.members.react("ben", message.id, emoji)
    await direct(town, "ben", "You are banned")
    await asyncio.sleep(0.2)
    assert len(town.jobs()) == 1


async def test_closed_direct_messages_get_a_short_word_that_says_nothing(town: Town) -> None:
    message = await made(town)
    await town.members.add_member("dora", accepts_dms=False)
    await town.members.react("dora", message.id, "🗑️")
    said = await reply(town, message)
    assert "direct messages are closed" in said.content and "another member" not in said.content
    await town.members.react("dora", message.id, "✉️")
    await town.members.wait_for("studio", lambda seen: seen.reply_to == message.id and seen.id != said.id)


@pytest.mark.parametrize("accepts_dms", [True, False])
async def test_whoever_is_refused_again_and_again_is_told_once(town: Town, accepts_dms: bool) -> None:
    message = await made(town)
    await town.members.add_member("dora", accepts_dms=accepts_dms)
    channel = await town.members.open_dm("dora") if accepts_dms else message.channel_id
    await flutter(town, message, "🗑️", times=5)
    await until_words(town, channel, 1)
    await asyncio.sleep(0.5)
    await until_words(town, channel, 1)


async def test_later_they_are_told_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    message = await made(town)
    await town.members.add_member("dora")
    monkeypatch.setattr(reacted, "_WORDS_S", 0.0)
    await flutter(town, message, "🗑️", times=2)
    await until_words(town, await town.members.open_dm("dora"), 2)


async def flutter(town: Town, message: SeenMessage, emoji: str, *, times: int) -> None:
    for _ in range(times):
        for remove in (False, True):
            await town.members.react("dora", message.id, emoji, remove=remove)


async def until_words(town: Town, channel: int, count: int) -> None:
    """The bot has said so much there to dora, pictures aside."""

    async def look() -> bool:
        seen = await town.members.messages(channel, "dora")
        return len([one for one in seen if one.author_is_bot and not one.attachments]) == count

    await town.members.wait_until(look)


async def test_an_event_told_twice_makes_one_job(town: Town) -> None:
    message = await made(town)
    await town.members.fault(Fault(kind=FaultKind.DUPLICATE, method="EVENT", route="MESSAGE_REACTION_ADD"))
    await town.members.react("ben", message.id, "🎲")
    await reply(town, message)
    await asyncio.sleep(0.2)
    assert len(town.jobs()) == 2


@pytest.mark.parametrize("emoji", [None, "🎲"])
async def test_after_a_moderator_cleared_them_reactions_are_heard_again(
    town: Town, bot: Atelier, emoji: str | None
) -> None:
    message = await made(town)
    await town.members.react("ben", message.id, "🎲")
    await until_jobs(town, 2)
    await town.members.set_overwrite("studio", member="Atelier", allow=MANAGE_MESSAGES)
    cleared = bot.get_partial_messageable(message.channel_id).get_partial_message(message.id)
    await (cleared.clear_reactions() if emoji is None else cleared.clear_reaction(emoji))
    await town.members.react("ben", message.id, "🎲")
    await until_jobs(town, 3)


async def test_what_a_resumed_session_replays_makes_nothing_new(town: Town, bot: Atelier) -> None:
    message = await made(town)
    before = bot.ws.sequence
    await town.members.react("ben", message.id, "🎲")
    await until_jobs(town, 2)
    await town.members.react("ben", message.id, "🎲", remove=True)
    # As where the last numbers were not kept.
    bot.ws.sequence = before
    await town.members.reconnect_gateway()

    async def resumed() -> bool:
        return bool((await town.members.served())["resumed"])

    await town.members.wait_until(resumed)
    await town.members.react("chloe", message.id, "🎲")
    await until_jobs(town, 3)
    assert [job.interaction_id < 0 for job in town.jobs()] == [False, True, True]


async def test_a_second_press_while_it_runs_is_answered_with_the_same_job(town: Town) -> None:
    message = await made(town)
    await town.press(message, "rerun", "ben")
    await until_jobs(town, 2)
    again = town.jobs()[1]
    await town.press(message, "rerun", "ben")
    await town.until_told("being made already", again.id, member="ben")
    await town.members.settled(await town.members.message_command("ben", "Rerun", message.id))
    town.worker.claim()
    await town.members.react("ben", message.id, "🔁")
    await direct(town, "ben", again.id)
    assert len(town.jobs()) == 2
    await town.press(message, "rerun", "chloe")
    assert len(town.jobs()) == 3, "another member's is another job"


async def test_other_emoji_others_messages_and_the_bots_own_do_nothing(town: Town, bot: Atelier) -> None:
    message = await made(town)
    await town.members.react("ben", message.id, "🦊")
    said = await town.members.say("ana", "studio", "hello")
    await town.members.react("ben", said, "🔁")
    channel = bot.get_partial_messageable(message.channel_id)
    await channel.get_partial_message(message.id).add_reaction("🔁")
    plain = await channel.send("no buttons")
    await town.members.react("ben", plain.id, "🔁")
    await asyncio.sleep(0.3)
    assert len(town.jobs()) == 1


async def test_a_message_that_is_not_the_answer_is_known_by_its_buttons(town: Town, bot: Atelier) -> None:
    message = await made(town)
    job = town.only_job()
    channel = bot.get_partial_messageable(message.channel_id)
    copy = await channel.send("copy", view=row_of(job.id, Report, Delete))
    await town.members.react("ben", copy.id, "🔁")
    await until_jobs(town, 2)
    forged = await channel.send("forged", view=row_of("AAAAAAAAAA", Rerun))
    await town.members.react("chloe", forged.id, "🔁")
    await direct(town, "chloe", "no such picture")
    assert [one.state for one in town.jobs()] == [JobState.DONE, JobState.QUEUED]


async def test_another_servers_moderator_is_nobody_there(town: Town, bot: Atelier) -> None:
    await made(town)
    job = town.only_job()
    guild = await town.members.add_guild("Elsewhere", owner="chloe")
    channel_id = await town.members.add_channel("workshop", guild="Elsewhere")
    copy = await bot.get_partial_messageable(channel_id, guild_id=guild).send(
        "copy", view=row_of(job.id, Delete)
    )
    for emoji in ("🔁", "🗑️", "⭐", "✉️", "🚩"):
        await town.members.react("chloe", copy.id, emoji)
    await direct(town, "chloe", "no such picture")
    await asyncio.sleep(0.3)
    assert [one.id for one in town.jobs()] == [job.id]


async def _id_of(town: Town, member: str) -> int:
    (guild,) = (await town.members.town())["guilds"]
    return next(int(one["user"]["id"]) for one in guild["members"] if one["user"]["username"] == member)
