"""Reactions on the studio's messages: the same as the buttons, and answered without an interaction."""

from __future__ import annotations

import asyncio

import pytest

from bot.buttons import Delete, Report, Rerun, row_of
from bot.client import Atelier
from core.jobs import JobState
from db.votes import has_starred
from sandbox.faults import Fault, FaultKind
from tests.bot.reacting import direct, id_of, reply, until_jobs
from tests.bot.studio import Town
from tests.bot.test_picture_buttons import made

pytestmark = pytest.mark.usefixtures("bot")

#: Discord's *Manage Messages*.
MANAGE_MESSAGES = 1 << 13


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
    ben = await id_of(town, "ben")

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
