"""What members may do, and what reaches them alone."""

from typing import Any

import aiohttp
import pytest

from sandbox.client import LocalClient
from sandbox.testing import LocalDiscord


async def act(local: LocalDiscord, name: str, **body: Any) -> tuple[int, Any]:
    """Status and answer of one act under /local."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{local.url}/local/{name}", json=body) as answer,
    ):
        return answer.status, await answer.json()


@pytest.mark.usefixtures("bot")
async def test_a_reply_quotes_no_answer_that_was_for_one_member(
    local: LocalDiscord, client: LocalClient
) -> None:
    await client.slash("ana", "studio", "secret")
    secret = await client.wait_for("studio", lambda m: m.ephemeral, member="ana")
    for member in ("ana", "ben"):
        body = {"member": member, "channel": "studio", "content": "look", "reply_to": str(secret.id)}
        status, answer = await act(local, "say", **body)
        assert (status, "psst" in str(answer)) == (400, False)
    assert await client.messages("studio", "ben") == []
