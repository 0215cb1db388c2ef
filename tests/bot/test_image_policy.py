"""What the safety checker flags: blocked, behind a spoiler, or quarantined; and age-restricted channels."""

from __future__ import annotations

import pytest

from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def choose(town: Town, policy: str, by: str = "maya", **options: object) -> None:
    await town.slash("access images", by, policy=policy, **options)


async def test_what_is_quarantined_waits_for_a_moderator(town: Town) -> None:
    await choose(town, "quarantine", "ben")
    await town.until_told("may manage this server", member="ben")
    await choose(town, "quarantine")
    await town.until_told("Everywhere: **quarantine", member="maya")
    seen = await town.imagine(count=3)
    town.worker.make(flagged=[1])
    result = await town.until(seen, "1 picture waits for a moderator", pictures=3)
    job = town.only_job()
    assert [a["filename"] for a in result.attachments] == [
        f"{job.id}-{part}" for part in ("grid.webp", "1.png", "3.png")
    ]
    await town.slash("reports", "ana")
    await town.until_told("for moderators", member="ana")
    await town.slash("reports", "maya")
    case = await town.until_told("1 of 1", "held back by the safety checker", member="maya")
    assert len(case.attachments) == 4
    await town.press(case, "report-approve", "maya")
    await town.until(seen, pictures=4)
    assert "waits for a moderator" not in (await town.message(seen)).text
    await town.slash("reports", "maya")
    await town.until_told("Nothing waits", member="maya")
    await town.slash("audit", "maya")
    await town.until_told("quarantine.approve", member="maya")


async def test_what_a_moderator_does_not_let_pass_is_dropped_and_refunded(town: Town) -> None:
    await choose(town, "quarantine")
    seen = await town.imagine(count=2)
    town.worker.make(flagged=[0])
    await town.until(seen, "waits for a moderator", pictures=2)
    job = town.only_job()
    assert town.spent() == job.price
    await town.slash("reports", "maya")
    case = await town.until_told("1 of 1", member="maya")
    await town.press(case, "report-remove", "maya")
    await town.until(seen, "A moderator did not let it pass", "came back", pictures=2)
    assert town.spent() == job.image_price
    assert not town.storage.exists(f"jobs/{job.id}/0.png")
    await town.slash("reports", "maya")
    await town.until_told("Nothing waits", member="maya")


async def test_nobody_approves_their_own(town: Town) -> None:
    await choose(town, "quarantine")
    seen = await town.imagine(member="maya")
    town.worker.make(flagged=[0])
    await town.until(seen, "waits for a moderator", pictures=0, member="maya")
    await town.slash("reports", "maya")
    case = await town.until_told("1 of 1", member="maya")
    await town.press(case, "report-approve", "maya")
    await town.until_told("Another moderator has to decide", member="maya")
    assert town.only_job().images_held == 1


async def test_a_spoiler_is_for_age_restricted_channels(town: Town) -> None:
    channel = await town.members.add_channel("late", nsfw=True)
    await choose(town, "spoiler")
    await town.until_told("spoilers are for age-restricted channels", member="maya")
    await choose(town, "spoiler", channel=str(channel))
    await town.until_told(f"<#{channel}>: **spoiler", member="maya")
    seen = await town.members.settled(
        await town.members.slash("ana", channel, "imagine", {"prompt": "a red fox", "count": 2})
    )
    town.worker.make(flagged=[1])
    result = await town.members.wait_for(
        channel, lambda message: message.id == seen.message_id and len(message.attachments) == 3
    )
    shown = {
        a["filename"].rpartition("-")[2]: a["filename"].startswith("SPOILER_") for a in result.attachments
    }
    assert shown == {"grid.webp": True, "1.png": False, "2.png": True}
    # Opened to all: what the checker flags is blocked from now on.
    await town.members.change_channel(channel, nsfw=False)
    await town.members.slash("ana", channel, "imagine", {"prompt": "another"})
    await town.members.wait_until(lambda: _number_of_jobs(town, 2))
    assert town.jobs()[-1].image_policy == "block"


async def _number_of_jobs(town: Town, number: int) -> bool | None:
    return len(town.jobs()) == number or None


async def test_a_picture_stays_in_age_restricted_channels(town: Town) -> None:
    channel = await town.members.add_channel("late", nsfw=True)
    seen = await town.members.settled(
        await town.members.slash("ana", channel, "imagine", {"prompt": "a red fox"})
    )
    town.worker.make()
    result = await town.members.wait_for(
        channel, lambda message: message.id == seen.message_id and bool(message.attachments)
    )
    job = town.only_job()
    assert job.age_restricted
    await town.slash("job", "ana", id=job.id)
    await town.until_told("made in an age-restricted channel")
    await town.press(result, "rerun", "ben")
    assert len(town.jobs()) == 2, "in its own channel it goes on"
    for ask in (town.press(result, "mine"), town.members.react("ana", result.id, "✉️")):
        await ask
    direct = await town.members.open_dm("ana")
    refused = await town.members.wait_for(direct, lambda message: bool(message.content), member="ana")
    assert "does not leave it" in refused.content and not refused.attachments
    await town.members.change_channel(channel, nsfw=False)
    await town.press(result, "rerun", "ben")
    await town.press(result, "seed", "ana")
    assert len(town.jobs()) == 2
    await town.press(result, "delete", "ana")
    # Deleting shows nothing of it.
    await town.members.wait_until(lambda: _number_of_jobs(town, 1))


async def test_an_adult_model_draws_in_age_restricted_channels(town: Town) -> None:
    town.worker.offer(adult=True)
    await town.imagine()
    await town.until_told("use it in an age-restricted channel")
    assert town.jobs() == []
    channel = await town.members.add_channel("late", nsfw=True)
    await town.members.settled(await town.members.slash("ana", channel, "imagine", {"prompt": "a red fox"}))
    assert len(town.jobs()) == 1
