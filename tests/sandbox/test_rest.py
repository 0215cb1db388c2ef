"""What the bot's requests change and what they leave, beyond the recorded pairs."""

import json
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from sandbox.intents import MEMBERS
from sandbox.permissions import Permission
from sandbox.settings import Settings
from sandbox.state import HAS_THREAD
from sandbox.testing import LocalDiscord
from tests.sandbox.states import Scene

SUPPRESS_EMBEDS = 1 << 2
HEARTBEAT_ACK = 11
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


async def test_an_edit_leaves_something_of_a_message(local: LocalDiscord) -> None:
    async with Scene.open(local) as scene:
        await bots_plain_message(scene)
        path = "/channels/{studio}/messages/{message}"
        status, answer = await ask(scene, "PATCH", path, {"content": ""})
        assert (status, answer["code"]) == (400, 50006)
        status, kept = await ask(scene, "PATCH", path, {"content": "", "embeds": [{"title": "Fox"}]})
        assert (status, kept["content"]) == (200, "")


async def test_an_edit_of_flags_keeps_a_messages_thread(local: LocalDiscord) -> None:
    async with Scene.open(local) as scene:
        await bots_plain_message(scene)
        await scene.call("POST", "/channels/{studio}/messages/{message}/threads", {"name": "Foxes"})
        _, edited = await ask(
            scene, "PATCH", "/channels/{studio}/messages/{message}", {"flags": SUPPRESS_EMBEDS}
        )
        assert edited["flags"] == HAS_THREAD | SUPPRESS_EMBEDS
        assert edited["thread"]["name"] == "Foxes"


@pytest.mark.parametrize(
    ("allowed", "pinged"), [(None, ["ana"]), ({"parse": []}, []), ({"replied_user": True}, ["ana"])]
)
async def test_a_reply_pings_unless_told_otherwise(
    local: LocalDiscord, allowed: dict[str, Any] | None, pinged: list[str]
) -> None:
    async with Scene.open(local) as scene:
        said = await local.client.say("ana", "studio", "foxes?")
        body: dict[str, Any] = {"embeds": [{"title": "Fox"}], "message_reference": {"message_id": str(said)}}
        if allowed is not None:
            body["allowed_mentions"] = allowed
        _, reply = await ask(scene, "POST", "/channels/{studio}/messages", body)
        assert [user["username"] for user in reply["mentions"]] == pinged


@pytest.mark.parametrize("text", ["\u00e9", "a", "fox:1", "\U0001f3a8a"])
async def test_letters_are_no_emoji(local: LocalDiscord, text: str) -> None:
    async with Scene.open(local) as scene:
        await bots_plain_message(scene)
        path = "/channels/{studio}/messages/{message}/reactions/" + quote(text) + "/@me"
        status, answer = await ask(scene, "PUT", path)
        assert (status, answer["code"]) == (400, 10014)


@pytest.mark.parametrize(
    "emoji", ["\u2764\ufe0f\u200d\U0001f525", "1\ufe0f\u20e3", "\U0001f1e9\U0001f1ea", "\u25fe"]
)
async def test_joined_keycap_and_flag_emoji_are_taken(local: LocalDiscord, emoji: str) -> None:
    async with Scene.open(local) as scene:
        await bots_plain_message(scene)
        path = "/channels/{studio}/messages/{message}/reactions/" + quote(emoji) + "/@me"
        assert (await ask(scene, "PUT", path))[0] == 204


async def test_listing_members_needs_the_privileged_intent() -> None:
    for intents, expected in ((0, 403), (MEMBERS, 200)):
        async with (
            LocalDiscord.run(Settings(privileged_intents=intents)) as local,
            Scene.open(local) as scene,
        ):
            assert (await ask(scene, "GET", "/guilds/{guild}/members?limit=10"))[0] == expected


async def test_all_members_come_by_the_gateway_with_the_intent_alone() -> None:
    async with LocalDiscord.run(Settings(privileged_intents=MEMBERS)) as local, Scene.open(local) as scene:
        asked = {"guild_id": scene.names["guild"], "query": "", "limit": 0}
        for intents, expected in ((MEMBERS, 6), (0, None)):
            async with scene.session.ws_connect(local.gateway_url) as socket:
                await socket.send_json({"op": 2, "d": {"token": "t", "intents": intents, "properties": {}}})
                await socket.send_json({"op": 8, "d": asked})
                await socket.send_json({"op": 1, "d": None})
                found = None
                while (payload := await socket.receive_json(timeout=10))["op"] != HEARTBEAT_ACK:
                    found = len(payload["d"]["members"]) if payload["t"] == "GUILD_MEMBERS_CHUNK" else found
                assert found == expected


@pytest.mark.parametrize(
    "payload", [{"op": 8, "d": None}, {"op": 8, "d": {"query": ""}}, {"op": 1, "d": "\u00e9" * 700}]
)
async def test_a_payload_that_makes_no_sense_is_a_decode_error(
    local: LocalDiscord, payload: dict[str, Any]
) -> None:
    async with Scene.open(local) as scene, scene.session.ws_connect(local.gateway_url) as socket:
        await socket.send_json({"op": 2, "d": {"token": "t", "intents": 0, "properties": {}}})
        text = json.dumps(payload, ensure_ascii=False)
        await socket.send_str(text + " " * 2700)  # fewer characters than bytes
        while (await socket.receive(timeout=10)).type is not aiohttp.WSMsgType.CLOSE:
            pass
        assert socket.close_code == 4002


async def bots_plain_message(scene: Scene) -> None:
    """A message of the bot without anything but text."""
    posted = await scene.call("POST", "/channels/{studio}/messages", {"content": "Hello"})
    scene.names["message"] = posted["id"]
