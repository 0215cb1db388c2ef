"""What is offered where a command asks for a picture's id."""

from __future__ import annotations

import pytest

from tests.bot.studio import Town
from tests.bot.test_gallery import made, published

pytestmark = pytest.mark.usefixtures("bot")


async def offered(
    town: Town, command: str, option: str = "id", typed: str = "", member: str = "ana"
) -> list[tuple[str, str]]:
    choices = await town.members.choices(member, "studio", command, option, typed)
    return [(choice["name"], choice["value"]) for choice in choices]


async def test_ids_are_offered_with_their_prompts_to_whom_they_belong(town: Town) -> None:
    await published(town, "a red fox")
    await made(town, "a blue **cat**")
    await town.imagine("an owl")
    fox, cat, owl = (job.id for job in town.jobs())
    for command in ("tree", "job"):
        assert [value for _, value in await offered(town, command)] == [owl, cat, fox]
        assert await offered(town, command, member="ben") == []
    for command, option in (
        ("compare", "first"),
        ("compare", "second"),
        ("gallery publish", "id"),
        ("collection add", "id"),
    ):
        assert await offered(town, command, option, "a ") == [
            (f"{cat} a blue **cat**", cat),
            (f"{fox} a red fox", fox),
        ]
    for command in ("gallery unpublish", "contest enter"):
        assert await offered(town, command) == [(f"{fox} a red fox", fox)]
    for command in ("why", "cancel"):
        assert await offered(town, command) == [(f"{owl} an owl", owl)]
    assert await offered(town, "job", typed="RED") == [(f"{fox} a red fox", fox)]
    assert await offered(town, "job", typed=owl.lower()) == [(f"{owl} an owl", owl)]
