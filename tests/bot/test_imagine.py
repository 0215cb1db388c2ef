"""`/imagine`, from the command to the delivered picture."""

from __future__ import annotations

import pytest

from tests.bot.studio import DeliveryState, Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_command_becomes_a_picture_in_its_own_placeholder(town: Town) -> None:
    seen = await town.imagine("a red fox", seed=5, size="16:9")
    placeholder = await town.message(seen)
    print(placeholder)
    job = town.only_job()
    assert seen.ack_latency_s is not None and seen.ack_latency_s < 1.0
    assert "a red fox" in placeholder.content and "Next in line" in placeholder.content
    assert (job.placeholder_message_id, job.channel_id) == (placeholder.id, placeholder.channel_id)
    assert job.request.seed == 5 and job.request.denoise.width > job.request.denoise.height

    town.worker.make()
    result = await town.until(seen, "seed 5", pictures=1)
    assert result.attachments[0]["description"] == "Picture 1 of 1: a red fox"
    assert [button["custom_id"].partition(":")[0] for button in result.buttons] == [
        "rerun",
        "seed",
        "info",
        "delete",
    ]
    assert len(await town.all_messages()) == 1
    assert await town.settled(job.id) == (DeliveryState.DELIVERED, None)


async def test_progress_shows_step_bar_and_preview(town: Town) -> None:
    seen = await town.imagine()
    claimed = town.worker.claim()
    town.worker.progress(claimed, 5, preview=True)
    running = await town.until(seen, "5/20", "▰▰▰▱", pictures=1)
    assert running.attachments[0]["filename"] == "preview.webp"
    town.worker.finish(claimed)
    result = await town.until(seen, "`" + claimed.job.id)
    assert "▰" not in result.content and result.attachments[0]["filename"].endswith("1.png")


async def test_several_pictures_come_as_grid_and_singles(town: Town) -> None:
    seen = await town.imagine(count=3)
    town.worker.make()
    result = await town.until(seen, pictures=4)
    names = [file["filename"].partition("-")[2] for file in result.attachments]
    assert names == ["grid.webp", "1.png", "2.png", "3.png"]
