"""Who may ask the local Discord at all, and what the page's files let a browser do."""

import json

import aiohttp
import pytest
import yarl

from sandbox.client import LocalClient
from sandbox.page.serving import STATIC
from sandbox.testing import LocalDiscord


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Host": "rebound.example.org"},
        {"Origin": "http://rebound.example.org", "Host": "rebound.example.org"},
    ],
)
async def test_other_sites_are_refused(local: LocalDiscord, headers: dict[str, str]) -> None:
    body = {"member": "ana", "channel": "studio", "content": "driven"}
    async with aiohttp.ClientSession(headers=headers) as session:
        answer = await session.post(f"{local.url}/local/say", json=body)
        assert answer.status == 403
        me = await session.get(f"{local.api_url}/users/@me", headers={"Authorization": "Bot token"})
        assert me.status == 403
        for path in ("/local/stream?member=ana", "/gateway"):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await session.ws_connect(local.url + path)
    assert await local.client.messages("studio") == []


async def test_the_page_itself_and_this_machines_names_are_let_in(local: LocalDiscord) -> None:
    port = local.url.rsplit(":", 1)[1]
    for name in ("127.0.0.1", "localhost"):
        headers = {"Origin": f"http://{name}:{port}", "Host": f"{name}:{port}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            assert (await session.get(local.url)).status == 200
            assert (await session.post(f"{local.url}/local/town", json={})).status == 200
            async with session.ws_connect(f"{local.url}/local/stream?member=ana") as socket:
                assert json.loads(await socket.receive_str())[0]["t"] == "town"


async def test_every_file_is_served_under_a_policy_of_its_own_files(local: LocalDiscord) -> None:
    files = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()]
    async with aiohttp.ClientSession() as session:
        for file in files:
            answer = await session.get(f"{local.url}/page/{file}")
            assert answer.status == 200, file
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            if file.endswith(".js"):
                assert answer.content_type.endswith("/javascript"), file
        for name in ("..%2fserving.py", "%2e%2e/serving.py", "%2e%2e%2fserving.py"):
            address = yarl.URL(f"{local.url}/page/{name}", encoded=True)
            assert (await session.get(address)).status == 404, name


async def test_a_file_that_a_member_sends_cannot_run_as_the_page(
    local: LocalDiscord, client: LocalClient
) -> None:
    file = await client.upload("studio", "trap.html", b"<script>fetch('/local/town')</script>")
    async with aiohttp.ClientSession() as session:
        body = {"member": "ana", "channel": "studio", "attachments": [str(file)]}
        sent = await (await session.post(f"{local.url}/local/say", json=body)).json()
        answer = await session.get(sent["attachments"][0]["url"])
        assert answer.headers["Content-Security-Policy"] == "sandbox"
