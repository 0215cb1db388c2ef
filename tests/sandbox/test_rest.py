"""What the bot's requests change and what they leave, beyond the recorded pairs."""

from typing import Any

import pytest

from sandbox.permissions import Permission
from sandbox.settings import Settings
from sandbox.testing import LocalDiscord
from tests.sandbox.states import Scene

described = pytest.mark.skipif(
    not Settings().openapi.exists(), reason="Discord's API description is not here; DISCORD_OPENAPI names it"
)


async def ask(scene: Scene, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and body of one request of the bot."""
    url = scene.local.api_url + path.format_map(scene.names)
    headers = {"Authorization": "Bot token"}
    async with scene.session.request(method, url, json=body, headers=headers) as answer:
        return answer.status, None if answer.status == 204 else await answer.json()


async def noted(scene: Scene) -> list[str]:
    """The fields of requests that were noted."""
    return [violation["where"] for violation in await scene.local.client.violations()]


@described
async def test_a_change_of_a_member_keeps_roles_that_it_does_not_name(local: LocalDiscord) -> None:
    async with Scene.open(local) as scene:
        await scene.allow(Permission.MANAGE_ROLES)
        status, maya = await ask(scene, "PATCH", "/guilds/{guild}/members/{maya}", {"nick": "May"})
        assert (status, maya["roles"]) == (200, [scene.names["moderator"]])
        assert await noted(scene) == ["nick"]
        status, maya = await ask(scene, "PATCH", "/guilds/{guild}/members/{maya}", {"roles": []})
        assert (status, maya["roles"]) == (200, [])


@described
async def test_a_channels_fields_that_are_not_served_are_noted(local: LocalDiscord) -> None:
    async with Scene.open(local) as scene:
        await scene.allow(Permission.MANAGE_CHANNELS)
        _, changed = await ask(scene, "PATCH", "/channels/{studio}", {"name": "atelier", "topic": "Foxes"})
        assert (changed["name"], await noted(scene)) == ("atelier", ["topic"])
