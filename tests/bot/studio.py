"""The bot between a local Discord and a real database, with the worker's part played by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from actions.studio import Studio
from bot.client import Atelier
from bot.discord_address import use_address
from core.events import Doorbell
from core.settings import Settings, load_settings
from core.storage import DirectoryStorage
from db.engine import Database
from sandbox.client import LocalClient
from sandbox.seen import SeenInteraction, SeenMessage
from sandbox.testing import LocalDiscord
from tests.bot.records import Records
from tests.bot.worker import Worker


@dataclass(frozen=True, kw_only=True)
class Town(Records):
    """A running local Discord, the bot's settings, and the worker's hands."""

    discord: LocalDiscord
    settings: Settings
    storage: DirectoryStorage
    worker: Worker

    @property
    def members(self) -> LocalClient:
        return self.discord.client

    @asynccontextmanager
    async def bot(self, **changes: object) -> AsyncIterator[Atelier]:
        """An unmodified discord.py bot, signed in and with its commands registered."""
        use_address(self.discord.url)
        doorbell = Doorbell(self.settings.redis_url)
        studio = Studio(
            database=self.database,
            storage=self.storage,
            ring=doorbell.ring,
            starting_credits=self.settings.starting_credits,
            rng=Random(0),
        )
        client = Atelier(replace(studio, **changes), self.settings)  # type: ignore[arg-type]
        async with client:
            running = asyncio.create_task(client.start("token"))
            await self.members.wait_for_bot(command="imagine")
            yield client
            await client.close()
            await running
        doorbell.close()

    async def imagine(
        self, prompt: str = "a red fox", member: str = "ana", **options: object
    ) -> SeenInteraction:
        """Use `/imagine`; the interaction once it is answered."""
        return await self.slash("imagine", member, prompt=prompt, **options)

    async def slash(self, command: str, member: str = "ana", **options: object) -> SeenInteraction:
        return await self.members.settled(await self.members.slash(member, "studio", command, options))

    async def press(
        self, message: SeenMessage, verb: str, member: str = "ana", *, bare: bool = False
    ) -> SeenInteraction:
        """Press a button by its verb; `bare`: until the bot has at least said that it thinks."""
        ids = [button["custom_id"] for button in message.buttons]
        custom_id = next(custom_id for custom_id in ids if custom_id.startswith(f"{verb}:"))
        pressed = await self.members.press(member, message.id, custom_id)
        return await (self.members.answered(pressed) if bare else self.members.settled(pressed))

    async def message(self, seen: SeenInteraction | int, member: str = "ana") -> SeenMessage:
        """The message that answers an interaction, as a member sees it."""
        message_id = seen if isinstance(seen, int) else seen.message_id
        return await self.members.wait_for(
            "studio", lambda message: message.id == message_id and not message.loading, member=member
        )

    async def until(
        self,
        seen: SeenInteraction,
        *texts: str,
        pictures: int | None = None,
        member: str = "ana",
        timeout_s: float = 20.0,
    ) -> SeenMessage:
        """The answer once it holds these texts, and so many pictures."""

        def shows(message: SeenMessage) -> bool:
            fits = pictures is None or len(message.attachments) == pictures
            return message.id == seen.message_id and fits and all(text in message.text for text in texts)

        return await self.members.wait_for("studio", shows, member=member, timeout_s=timeout_s)

    async def result(self, seen: SeenInteraction, *, pictures: int = 1, member: str = "ana") -> SeenMessage:
        """The answer once it shows how the job ended."""

        def ended(message: SeenMessage) -> bool:
            verbs = [button["custom_id"].partition(":")[0] for button in message.buttons]
            return (
                message.id == seen.message_id and "delete" in verbs and len(message.attachments) == pictures
            )

        return await self.members.wait_for("studio", ended, member=member, timeout_s=20)

    async def told(self, member: str = "ana") -> SeenMessage:
        """The newest message that this member alone sees."""

        async def look() -> SeenMessage | None:
            seen = await self.members.messages("studio", member)
            return next(
                (message for message in reversed(seen) if message.ephemeral and not message.loading), None
            )

        found: SeenMessage = await self.members.wait_until(look)
        return found

    async def until_told(self, *texts: str, member: str = "ana") -> SeenMessage:
        """A message that this member alone sees, once it holds these texts."""

        def shows(message: SeenMessage) -> bool:
            return message.ephemeral and all(text in message.text for text in texts)

        return await self.members.wait_for("studio", shows, member=member)

    async def until_gone(self, message: SeenMessage, member: str = "ana") -> None:
        """Wait until a message of a channel that this member sees is deleted."""

        async def gone() -> bool:
            left = await self.members.messages(message.channel_id, member)
            return message.id not in [one.id for one in left]

        await self.members.wait_until(gone)

    async def all_messages(self, member: str = "ana") -> list[SeenMessage]:
        return await self.members.messages("studio", member)


@asynccontextmanager
async def running_town(database: Database, folder: Path, redis_url: str) -> AsyncIterator[Town]:
    """Everything but the bot."""
    storage = DirectoryStorage(folder / "objects")
    async with LocalDiscord.run() as local:
        settings = load_settings(
            {
                "ATELIER_DATA_DIR": str(folder),
                "ATELIER_REDIS_URL": redis_url,
                "ATELIER_SANDBOX_URL": local.url,
                "ATELIER_STARTING_CREDITS": "100",
            }
        )
        worker = Worker(database, storage, redis_url)
        yield Town(discord=local, database=database, settings=settings, storage=storage, worker=worker)
        worker.redis.close()
        violations = await local.client.violations()
        assert not violations, violations
