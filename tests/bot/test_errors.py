"""What nobody foresaw is answered kindly, with an id that the log has too."""

from __future__ import annotations

import re
from random import Random

import pytest

from tests.bot.studio import Town


class BrokenDice(Random):
    def randrange(self, *_: object) -> int:  # type: ignore[override]
        raise RuntimeError("the dice fell off the table")


async def test_an_error_is_answered_kindly_with_an_id_and_logged(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    async with town.bot(rng=BrokenDice()):
        await town.imagine()
        told = await town.told()
        error_id = re.search(r"tell the owner `(\w+)`", told.content)
        assert error_id is not None and error_id[1] in caplog.text and "dice" in caplog.text
        assert "dice" not in told.content and town.jobs() == []
        # And the bot goes on.
        await town.imagine("a fox --seed 5")
        assert town.only_job().request.seed == 5
