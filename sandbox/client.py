"""The members' side as a small async Python client: `async with LocalClient.connect(url) as local:`.

Members are named by name or id, channels by name ("studio") or id; times are `time.monotonic()`.
"""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp

from .calls import LocalError, answered
from .client_stage import Stage
from .seen import Json, SeenInteraction, SeenMessage, read_interaction, read_message

T = TypeVar("T")
PAUSE_S = 0.01  # many changes come together: one look serves them all
LOOK_S = 0.5  # of what no change is told


class LocalClient(Stage):
    """Members' acts and what they see, beside the stage of one local Discord."""

    @classmethod
    @asynccontextmanager
    async def connect(cls, url: str) -> AsyncIterator["LocalClient"]:
        """A client of the local Discord at `url`."""
        async with aiohttp.ClientSession() as session:
            yield cls(url, session)

    # What a member does

    async def commands(self, member: str, channel: str | int) -> list[Json]:
        """The commands offered to a member here."""
        return list(await self._post("commands", member=member, channel=str(channel)))

    async def slash(
        self, member: str, channel: str | int, command: str, options: Mapping[str, Any] | None = None
    ) -> int:
        """Use a slash command ("model add" for a subcommand); returns the interaction's id.

        Members, roles, channels and attachments (from `upload`) are given by id.
        """
        body = {"member": member, "channel": str(channel), "command": command, "options": dict(options or {})}
        return int((await self._post("slash", **body))["id"])

    async def choices(
        self,
        member: str,
        channel: str | int,
        command: str,
        option: str,
        typed: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> list[Json]:
        """What autocomplete offers while `typed` stands in `option`."""
        values = dict(options or {}) | {option: typed}
        body = {"member": member, "channel": str(channel), "command": command, "options": values}
        asked = await self._post("slash", **body, focused=option)
        return (await self.answered(int(asked["id"]))).choices or []

    async def user_command(self, member: str, channel: str | int, command: str, target: str) -> int:
        """Use a command of a user's menu."""
        body = {"member": member, "channel": str(channel), "command": command, "target": target}
        return int((await self._post("user_command", **body))["id"])

    async def message_command(self, member: str, command: str, message: int) -> int:
        """Use a command of a message's menu."""
        body = {"member": member, "command": command, "message": str(message)}
        return int((await self._post("message_command", **body))["id"])

    async def press(self, member: str, message: int, button: str) -> int:
        """Press a button, named by custom_id or label."""
        return int((await self._post("press", member=member, message=str(message), button=button))["id"])

    async def select(self, member: str, message: int, menu: str, values: Sequence[str]) -> int:
        """Choose from a menu, named by custom_id or placeholder."""
        body = {"member": member, "message": str(message), "menu": menu, "values": list(values)}
        return int((await self._post("select", **body))["id"])

    async def submit(self, member: str, opened_by: int, values: Mapping[str, Any] | None = None) -> int:
        """Send the modal that interaction `opened_by` opened; values by custom_id or label."""
        body = {"member": member, "interaction": str(opened_by), "values": dict(values or {})}
        return int((await self._post("submit", **body))["id"])

    async def say(self, member: str, channel: str | int, content: str) -> int:
        """Post a message as a member."""
        return int((await self._post("say", member=member, channel=str(channel), content=content))["id"])

    async def react(self, member: str, message: int, emoji: str, *, remove: bool = False) -> None:
        """React to a message, or take the reaction back."""
        await self._post("react", member=member, message=str(message), emoji=emoji, remove=remove)

    async def delete(self, member: str, message: int) -> None:
        """Delete a message."""
        await self._post("delete", member=member, message=str(message))

    async def upload(self, channel: str | int, filename: str, data: bytes) -> int:
        """Put a file on the CDN; its id is a value for an attachment option or a modal's file field."""
        query = {"channel": str(channel), "filename": filename}
        body = io.BytesIO(data)  # aiohttp warns of bytes that are many
        async with self._session.post(f"{self.url}/local/upload", params=query, data=body) as response:
            return int((await answered(response))["id"])

    # What a member sees

    async def messages(
        self, channel: str | int, member: str = "olive", *, interaction: int | None = None
    ) -> list[SeenMessage]:
        """A channel as one member sees it, oldest message first; only those of one interaction when named."""
        only = {} if interaction is None else {"interaction": str(interaction)}
        seen = await self._post("messages", channel=str(channel), member=member, **only)
        return [read_message(message) for message in seen]

    async def interaction(self, interaction_id: int) -> SeenInteraction:
        """What became of an interaction so far."""
        return read_interaction(await self._post("interaction", interaction=str(interaction_id)))

    async def download(self, attachment: Json | str) -> bytes:
        """An attachment's bytes. Raises LocalError when its address has expired."""
        url = attachment if isinstance(attachment, str) else attachment["url"]
        async with self._session.get(url) as response:
            if response.status != 200:
                raise LocalError(f"{url} answers {response.status}: {await response.text()}")
            return await response.read()

    # Waiting

    async def wait_for(
        self,
        channel: str | int,
        predicate: Callable[[SeenMessage], bool],
        *,
        member: str = "olive",
        interaction: int | None = None,
        timeout_s: float = 20.0,
    ) -> SeenMessage:
        """The first message that a member sees for which `predicate` holds. Raises TimeoutError.

        With `interaction`, only its messages are fetched: in a busy channel that is much less.
        """

        async def look() -> SeenMessage | None:
            seen = await self.messages(channel, member, interaction=interaction)
            return next(filter(predicate, seen), None)

        return await self.wait_until(look, timeout_s=timeout_s)

    async def answered(self, interaction_id: int, *, timeout_s: float = 20.0) -> SeenInteraction:
        """An interaction once the bot has given its first answer. Raises TimeoutError."""

        async def look() -> SeenInteraction | None:
            seen = await self.interaction(interaction_id)
            return None if seen.acknowledged_at is None else seen

        return await self.wait_until(look, timeout_s=timeout_s)

    async def settled(self, interaction_id: int, *, timeout_s: float = 20.0) -> SeenInteraction:
        """An interaction once its answer is more than that the bot thinks, or gone. Raises TimeoutError."""

        async def look() -> SeenInteraction | None:
            seen = await self.interaction(interaction_id)
            return None if seen.acknowledged_at is None or seen.thinks else seen

        return await self.wait_until(look, timeout_s=timeout_s)

    async def wait_for_bot(self, *, command: str | None = None, timeout_s: float = 30.0) -> None:
        """Until the bot is connected and, when named, `command` is registered. Raises TimeoutError."""

        async def look() -> bool:
            if not (await self.town())["connected"]:
                return False
            return command is None or command in [c["name"] for c in await self.commands("olive", "studio")]

        await self.wait_until(look, timeout_s=timeout_s)

    async def wait_until(self, look: Callable[[], Awaitable[T | None]], *, timeout_s: float = 20.0) -> T:
        """The first true result of the coroutine function `look`, tried again whenever something happens.

        And every half a second: what a bot does in its own database, Discord is not told.
        """
        deadline = time.monotonic() + timeout_s
        version = (await self._post("changes", wait_s=0))["version"]
        while not (found := await look()):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError(f"nothing of the kind within {timeout_s} s")
            version = (await self._post("changes", after=version, wait_s=min(left_s, LOOK_S)))["version"]
            await asyncio.sleep(PAUSE_S)
        return found
