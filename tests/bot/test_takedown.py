"""`/takedown` through Discord: the message goes, and the same picture is refused when it is attached."""

from __future__ import annotations

import pytest

from core.storage import image_key
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_picture_goes_for_good(town: Town) -> None:
    seen = await town.imagine()
    town.worker.make()
    result = await town.result(seen)
    job = town.only_job()
    png = town.storage.get(image_key(job.id, 0))
    await town.slash("takedown picture", "ben", id=job.id, reason="mine")
    await town.until_told("for moderators", member="ben")
    await town.slash("takedown picture", "maya", id=job.id, reason="not here")
    await town.until_told("taken down", member="maya")
    assert result.id not in [message.id for message in await town.all_messages()]
    assert town.jobs() == [] and not town.storage.exists(image_key(job.id, 0))
    file = await town.members.upload("studio", "again.png", png)
    await town.slash("img2img", "ben", image=str(file), prompt="a fox")
    await town.until_told("was taken down", member="ben")
    assert town.jobs() == []
    await town.slash("takedown undo", "maya", id=job.id)
    await town.until_told("may come back", member="maya")
    await town.slash("img2img", "ben", image=str(file), prompt="a fox")
    assert len(town.jobs()) == 1
