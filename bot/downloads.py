"""Fetching members' files: from Discord's own file hosts and from nowhere else.

Addresses are compared, not resolved: whatever a name or number elsewhere leads to, nobody asks it. Redirects
are not followed, and what a server says about its answer (length, type) is not believed.
"""

from __future__ import annotations

import asyncio

import aiohttp
import yarl

from core.errors import BadOption
from core.pictures import MAX_BYTES, too_large
from core.words import _

#: Where Discord keeps files, and its proxy for pictures that a message links to.
DISCORD_HOSTS = (
    "https://cdn.discordapp.com",
    "https://media.discordapp.net",
    "https://images-ext-1.discordapp.net",
    "https://images-ext-2.discordapp.net",
)
_TIMEOUT_S = 20.0
_CHUNK_BYTES = 64 * 1024


class Downloads:
    """Args:
    local: address of a local Discord, which then is the only one that is asked.
    """

    def __init__(self, local: str | None = None) -> None:
        hosts = DISCORD_HOSTS if local is None else (local,)
        self._origins = frozenset(yarl.URL(host).origin() for host in hosts)

    async def fetch(self, option: str, name: str, url: str) -> bytes:
        """The file at an address, at most MAX_BYTES.

        Args:
            option, name: what a refusal calls it.

        Raises:
            BadOption: it is elsewhere, too large, or can't be had any more.
        """
        address = self._allowed(option, name, url)
        try:
            async with (
                asyncio.timeout(_TIMEOUT_S),
                aiohttp.ClientSession(auto_decompress=False) as session,
                session.get(address, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise BadOption(option, name, _("Discord does not have it any more; attach it again."))
                return await _read(option, name, response)
        except (aiohttp.ClientError, TimeoutError):
            raise BadOption(
                option, name, _("it could not be fetched from Discord; please try again.")
            ) from None

    def _allowed(self, option: str, name: str, url: str) -> yarl.URL:
        try:
            address = yarl.URL(url)
            allowed = address.origin() in self._origins and address.user is None
        except ValueError:
            allowed = False
        if not allowed:
            raise BadOption(option, name, _("only pictures that were posted on Discord can be used."))
        return address


async def _read(option: str, name: str, response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        data += chunk
        if len(data) > MAX_BYTES:
            raise too_large(option, name)
    return bytes(data)
