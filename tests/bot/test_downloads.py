"""Files come from Discord's hosts and from nowhere else, however an address is written."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.downloads import Downloads
from core.errors import BadOption
from core.pictures import MAX_BYTES


@pytest.fixture
async def asked() -> list[str]:
    """Paths that the host was asked for."""
    return []


@pytest.fixture
async def host(asked: list[str]) -> AsyncIterator[str]:
    """The address of a file host that plays tricks."""

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/elsewhere":
            raise web.HTTPFound("http://169.254.169.254/latest/meta-data")
        if request.path == "/inward":
            raise web.HTTPFound("/file")
        response = web.StreamResponse(headers={"Content-Type": "image/png"})
        if request.path == "/endless":
            response.enable_chunked_encoding()
        if request.path == "/short":
            response.content_length = 1000
        await response.prepare(request)
        chunks = 10 * MAX_BYTES // 2**20 if request.path == "/endless" else 1
        for _ in range(chunks):
            await response.write(bytes(2**20) if chunks > 1 else b"file")
        if request.path == "/short" and request.transport is not None:
            request.transport.close()
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


async def refused(downloads: Downloads, url: str) -> str:
    with pytest.raises(BadOption) as caught:
        await downloads.fetch("image", "photo.png", url)
    return str(caught.value)


async def test_a_file_of_the_allowed_host_is_fetched(host: str) -> None:
    assert await Downloads(host).fetch("image", "photo.png", f"{host}/file?ex=1&is=2") == b"file"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/file",
        "http://2130706433/file",
        "http://0x7f.1/file",
        "http://127.0.0.1/file",
        "http://localhost/file",
        "https://cdn.discordapp.com.evil.example/file",
        "https://cdn.discordapp.com@169.254.169.254/file",
        "https://user@cdn.discordapp.com/file",
        "https://cdn.discordapp.com:8443/file",
        "http://cdn.discordapp.com/file",
        "file:///etc/passwd",
        "https:///file",
        "//cdn.discordapp.com/file",
        "",
        "http://[",
    ],
)
async def test_other_addresses_are_not_even_asked(host: str, asked: list[str], url: str) -> None:
    # A name that leads to this machine ("rebinding") is refused by its letters, before anybody resolves it.
    for downloads in (Downloads(), Downloads(host)):
        assert "posted on Discord" in await refused(downloads, url)
    assert asked == []


async def test_the_real_hosts_are_not_asked_where_discord_is_local(host: str) -> None:
    assert "posted on Discord" in await refused(Downloads(host), "https://cdn.discordapp.com/file")


@pytest.mark.parametrize("path", ["elsewhere", "inward"])
async def test_redirects_are_not_followed(host: str, asked: list[str], path: str) -> None:
    assert "does not have it" in await refused(Downloads(host), f"{host}/{path}")
    assert asked == [f"/{path}"]


async def test_what_never_ends_is_cut_off(host: str) -> None:
    assert "larger than 20 MiB" in await refused(Downloads(host), f"{host}/endless")


async def test_a_file_shorter_than_it_says_is_refused(host: str) -> None:
    assert "could not be fetched" in await refused(Downloads(host), f"{host}/short")
