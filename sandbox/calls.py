"""Calling the members' side of a local Discord."""

from typing import Any

import aiohttp


class LocalError(Exception):
    """The local Discord refused what was tried; the text says why."""


class Caller:
    """Calls the acts under /local."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def _post(self, act: str, **body: Any) -> Any:
        async with self._session.post(f"{self.url}/local/{act}", json=body) as response:
            return await answered(response)


async def answered(response: aiohttp.ClientResponse) -> Any:
    """What an act answers. Raises LocalError with its words where it was refused."""
    if response.content_type != "application/json":
        raise LocalError(f"{response.url.path}: {response.status} {await response.text()}")
    answer = await response.json()
    if response.status != 200:
        raise LocalError(answer["error"])
    return answer
