"""The bot between a local Discord and a real database, with the worker's part played by the test."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from PIL import Image
from sqlalchemy import func, select, update

from actions.studio import Studio
from bot.client import Atelier
from bot.discord_address import use_address
from core.events import Doorbell, Event, EventKind, open_redis, publish
from core.jobs import ImageKind
from core.model_spec import ModelSpec
from core.settings import Settings, load_settings
from core.storage import DirectoryStorage, grid_key, image_key, map_key, preview_key
from db import accounts, claims, jobs, workers
from db.claims import Abilities, ClaimedJob
from db.deliveries import claim_deliveries
from db.engine import Database
from db.images import NewImage
from db.jobs import Job
from db.tables import DeliveryRow, DeliveryState, JobRow, LedgerRow
from sandbox.client import LocalClient
from sandbox.seen import SeenInteraction, SeenMessage
from sandbox.testing import LocalDiscord

SPEC = ModelSpec(
    name="starter",
    title="Starter",
    architecture="sd1",
    weights_hash="0" * 64,
    native_side=64,
    side_multiple=8,
    min_side=32,
    max_side=128,
    default_steps=20,
    max_steps=100,
    default_guidance_scale=5.0,
    default_sampler="Euler",
    default_schedule="normal",
    licence="MIT",
)


@dataclass(frozen=True, kw_only=True)
class Town:
    """A running local Discord, the bot's settings, and the worker's hands."""

    discord: LocalDiscord
    database: Database
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
        return await self.members.answered(await self.members.slash(member, "studio", command, options))

    async def press(self, message: SeenMessage, verb: str, member: str = "ana") -> SeenInteraction:
        """Press a button by its verb."""
        ids = [button["custom_id"] for button in message.buttons]
        custom_id = next(custom_id for custom_id in ids if custom_id.startswith(f"{verb}:"))
        return await self.members.answered(await self.members.press(member, message.id, custom_id))

    async def message(self, seen: SeenInteraction | int, member: str = "ana") -> SeenMessage:
        """The message that answers an interaction, as a member sees it."""
        message_id = seen if isinstance(seen, int) else seen.message_id
        return await self.members.wait_for("studio", lambda message: message.id == message_id, member=member)

    async def until(
        self,
        seen: SeenInteraction,
        *texts: str,
        pictures: int | None = None,
        member: str = "ana",
        timeout_s: float = 10.0,
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

    async def all_messages(self, member: str = "ana") -> list[SeenMessage]:
        return await self.members.messages("studio", member)

    def jobs(self) -> list[Job]:
        with self.database.read() as session:
            rows = session.scalars(
                select(JobRow).where(JobRow.deleted_at.is_(None)).order_by(JobRow.created_at)
            )
            return [jobs.job_of(row) for row in rows]

    def only_job(self) -> Job:
        (job,) = self.jobs()
        return job

    def delivery(self, job_id: str) -> tuple[DeliveryState, str | None]:
        with self.database.read() as session:
            row = session.scalars(select(DeliveryRow).where(DeliveryRow.job_id == job_id)).one()
            return row.state, row.reason

    def delivery_attempts(self, job_id: str) -> int:
        """How often its delivery was claimed."""
        with self.database.read() as session:
            return session.scalars(select(DeliveryRow.attempt).where(DeliveryRow.job_id == job_id)).one()

    async def settled(self, job_id: str) -> tuple[DeliveryState, str | None]:
        """The delivery's state once it is final."""
        async with asyncio.timeout(30):
            while (found := self.delivery(job_id))[0] in (DeliveryState.DUE, DeliveryState.CLAIMED):
                await asyncio.sleep(0.02)
        return found

    def make_due(self, job_id: str) -> None:
        """A deferred delivery need not wait any more."""
        with self.database.begin() as session:
            session.execute(update(DeliveryRow).where(DeliveryRow.job_id == job_id).values(due_at=0.0))

    def claim_for_a_dead_bot(self, job_id: str) -> None:
        """A bot took the delivery and died; its lease has run out."""
        with self.database.begin() as session:
            claim_deliveries(session, "dead", lease_s=60, limit=10)
            session.execute(update(DeliveryRow).where(DeliveryRow.job_id == job_id).values(lease_until=0.0))

    def age(self, job_id: str, seconds: float) -> None:
        """The job was submitted so much earlier."""
        with self.database.begin() as session:
            session.execute(
                update(JobRow).where(JobRow.id == job_id).values(created_at=JobRow.created_at - seconds)
            )

    def lose_placeholder(self, job: Job) -> None:
        """Its message's id was never stored."""
        with self.database.begin() as session:
            jobs.set_placeholder(
                session,
                job.id,
                channel_id=job.channel_id,
                message_id=None,
                interaction_token=job.interaction_token,
            )

    def leave_credits(self, account_id: int, credits: int) -> None:
        """The account has so many left."""
        with self.database.begin() as session:
            accounts.grant(
                session, account_id, credits - accounts.balance(session, account_id), reason="test"
            )

    def spent(self) -> int:
        """Credits of all holds and refunds."""
        with self.database.read() as session:
            total = session.scalar(select(func.sum(LedgerRow.amount)).where(LedgerRow.job_id.is_not(None)))
        return -(total or 0)


class Worker:
    """Claims, reports and finishes as a worker process does, one transaction each."""

    def __init__(self, database: Database, storage: DirectoryStorage, redis_url: str) -> None:
        self.database = database
        self.storage = storage
        self.redis = open_redis(redis_url)
        with database.begin() as session:
            workers.register_worker(session, workers.WorkerInfo(id="w", host="h", device="cpu"), [SPEC])

    def claim(self) -> ClaimedJob:
        with self.database.begin() as session:
            abilities = Abilities(models=frozenset([SPEC.name]))
            claimed = claims.claim_next(session, "w", abilities, lease_s=600, limit=100)
        assert claimed is not None, "no job waits"
        publish(self.redis, Event(kind=EventKind.PROGRESS, job_id=claimed.job.id))
        return claimed

    def progress(self, claimed: ClaimedJob, step: int, *, preview: bool = False) -> None:
        if preview:
            self.storage.put(preview_key(claimed.job.id), picture_bytes("WEBP"), "image/webp")
        with self.database.begin() as session:
            assert claims.progress(session, claimed.claim, step, claimed.job.total_steps)
        publish(self.redis, Event(kind=EventKind.PROGRESS, job_id=claimed.job.id))

    def finish(
        self,
        claimed: ClaimedJob,
        *,
        images: int | None = None,
        side: int = 64,
        quietly: bool = False,
        note: str | None = None,
    ) -> None:
        """Store pictures (all of them, or so many), a grid where there are several, and end the job.

        Quietly: without a hint for the bot.
        """
        count = claimed.job.image_count if images is None else images
        for index in range(count):
            self._store(claimed, index, ImageKind.RESULT, image_key(claimed.job.id, index), side)
        if count > 1:
            self._store(claimed, 0, ImageKind.GRID, grid_key(claimed.job.id), side)
        with self.database.begin() as session:
            assert claims.finish(session, claimed.claim, note=note)
        if not quietly:
            self.deliver(claimed.job.id)

    def store_map(self, claimed: ClaimedJob, png: bytes) -> None:
        """A map was drawn from a given picture."""
        key = map_key(claimed.job.id, 0)
        self.storage.put(key, png, "image/png")
        row = NewImage(
            index=0, kind=ImageKind.MAP, key=key, sha256="0" * 64, width=96, height=64, bytes=len(png)
        )
        with self.database.begin() as session:
            assert claims.complete_image(session, claimed.claim, row)

    def fail(self, claimed: ClaimedJob, reason: str) -> None:
        with self.database.begin() as session:
            assert claims.fail(session, claimed.claim, reason)
        self.deliver(claimed.job.id)

    def make(self, **options: int) -> ClaimedJob:
        """Claim the next job and finish it."""
        claimed = self.claim()
        self.finish(claimed, **options)
        return claimed

    def make_without_files(self) -> None:
        """The next job's picture is lost from the storage before it is delivered."""
        claimed = self.claim()
        key = image_key(claimed.job.id, 0)
        self._store(claimed, 0, ImageKind.RESULT, key, 64)
        self.storage.delete(key)
        with self.database.begin() as session:
            assert claims.finish(session, claimed.claim)
        self.deliver(claimed.job.id)

    def deliver(self, job_id: str) -> None:
        publish(self.redis, Event(kind=EventKind.DELIVERY, job_id=job_id))

    def _store(self, claimed: ClaimedJob, index: int, kind: ImageKind, key: str, side: int) -> None:
        data = picture_bytes("WEBP" if key.endswith("webp") else "PNG", side)
        self.storage.put(key, data, "image/png")
        image = NewImage(
            index=index,
            kind=kind,
            key=key,
            sha256="0" * 64,
            width=side,
            height=side,
            bytes=len(data),
            recipe={},
        )
        with self.database.begin() as session:
            assert claims.complete_image(session, claimed.claim, image)


def picture_bytes(form: str = "PNG", side: int = 64) -> bytes:
    """Noise, which does not compress, so that its size is known: about 3 bytes a pixel as PNG."""
    buffer = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(buffer, form)
    return buffer.getvalue()


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
