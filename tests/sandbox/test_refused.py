"""Requests that Discord refuses for their form, beyond the recorded pairs."""

from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.commands import Commands
from sandbox.errors import DiscordError
from sandbox.openapi import OpenApi
from sandbox.permissions import Permission
from sandbox.settings import Settings
from sandbox.testing import LocalDiscord
from tests.sandbox.states import Scene, press, webhook
from tests.sandbox.test_rest import ask, described, noted

HISTORY = "/channels/{studio}/messages"


@described
@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("before=yesterday", "before"),
        ("before=-1", "before"),
        ("colour=red", "colour"),
    ],
)
async def test_a_query_fits_its_schema(local: LocalDiscord, query: str, where: str) -> None:
    async with Scene.open(local) as scene:
        assert (await ask(scene, "GET", f"{HISTORY}?{query}"))[0] == 400
        assert await noted(scene) == [where]


@described
async def test_a_query_that_fits_is_let_through(local: LocalDiscord) -> None:
    async with Scene.open(local) as scene:
        assert (await ask(scene, "GET", f"{HISTORY}?limit=100&before=1"))[0] == 200
        assert await noted(scene) == []


@described
def test_a_required_parameter_is_missed() -> None:
    checker = OpenApi.load(Settings().openapi)
    route = "/guilds/{guild_id}/members/search"
    with pytest.raises(DiscordError):
        checker.check_request("GET", route, path={"guild_id": "1"}, query={}, body=None)
    assert [(v.where, v.message) for v in checker.violations] == [("query", "is required")]


@pytest.mark.parametrize(
    "body",
    [
        {"embeds": [{"title": "x", "url": "javascript:alert(1)"}]},
        {"embeds": [{"title": "x", "author": {"name": "x", "icon_url": "data:text/html,x"}}]},
        {
            "components": [
                {"type": 1, "components": [{"type": 2, "style": 5, "label": "x", "url": "javascript:1"}]}
            ]
        },
    ],
)
async def test_addresses_that_run_scripts_are_refused(local: LocalDiscord, body: dict[str, Any]) -> None:
    async with Scene.open(local) as scene:
        status, answer = await ask(scene, "POST", HISTORY, body)
        assert (status, answer["code"], "URL_TYPE_INVALID_SCHEME" in str(answer)) == (400, 50035, True)


@pytest.mark.parametrize("url", ["https://example.org", "http://127.0.0.1/x", "discord://-/channels/1"])
async def test_addresses_of_pages_are_taken(local: LocalDiscord, url: str) -> None:
    async with Scene.open(local) as scene:
        button = {"type": 2, "style": 5, "label": "Open", "url": url}
        body = {"content": "x", "components": [{"type": 1, "components": [button]}]}
        assert (await ask(scene, "POST", HISTORY, body))[0] == 200


def test_creations_count_by_place_and_only_where_they_were_taken() -> None:
    clock = Clock()
    commands = Commands(clock=clock, application_id=1)
    for start in (0, 100):
        commands.replace(None, [command(start + number) for number in range(100)])
    for _ in range(2):
        with pytest.raises(DiscordError, match="daily"):
            commands.replace(None, [command(number) for number in range(300, 400)])
    commands.replace(7, [command(500)])
    clock.advance(24 * 3600 + 1)
    commands.replace(None, [command(number) for number in range(300, 400)])


@pytest.mark.parametrize(
    ("title", "custom_id", "field"),
    [("", "form", "title"), ("x" * 46, "form", "title"), ("Form", "", "custom_id")],
)
async def test_a_modal_that_is_refused_names_the_field(
    local: LocalDiscord, title: str, custom_id: str, field: str
) -> None:
    async with Scene.open(local) as scene:
        await press(scene)
        text = {"type": 4, "custom_id": "t", "style": 1, "label": "Text"}
        data = {"title": title, "custom_id": custom_id, "components": [{"type": 1, "components": [text]}]}
        callback = "/interactions/{interaction}/{token}/callback"
        status, answer = await ask(scene, "POST", callback, {"type": 9, "data": data})
        assert (status, field in str(answer["errors"])) == (400, True)


async def test_webhooks_are_for_those_who_may_manage_them(local: LocalDiscord) -> None:
    async with Scene.open(local) as scene:
        await scene.allow(Permission.MANAGE_WEBHOOKS)
        await webhook(scene)
        for missing in ("{missing}", "{dm}"):
            scene.names["dm"] = str(await local.client.open_dm("ana"))
            body = {"channel_id": missing.format_map(scene.names)}
            status, answer = await ask(scene, "PATCH", "/webhooks/{webhook}", body)
            assert (status, answer["code"]) == (404, 10003)
        await local.client.set_roles("Atelier", [])
        for method in ("GET", "PATCH", "DELETE"):
            status, answer = await ask(
                scene, method, "/webhooks/{webhook}", {} if method == "PATCH" else None
            )
            assert (status, answer["code"]) == (403, 50013)
        assert (await ask(scene, "GET", "/webhooks/{webhook}/{secret}"))[0] == 200


def command(number: int) -> dict[str, Any]:
    """One slash command."""
    return {"name": f"c{number}", "description": "One of many"}
