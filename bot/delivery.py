"""Results reach their members: claimed under a lease, edited into the placeholder, exactly once to be seen.

An edit carries everything, so that doing it twice is harmless; a new message is looked for first, and has a
nonce. What fails is tried again later, by this bot or the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import aiohttp
import discord
from sqlalchemy.exc import SQLAlchemyError

from bot.answering import store_placeholder
from bot.placeholder import Undeliverable
from bot.posts import ended_post, notice_post
from core.errors import ObjectMissing, StorageError
from core.logs import about_job
from core.words import N_, speaking
from db.deliveries import (
    DeliveryClaim,
    DueDelivery,
    claim_deliveries,
    defer_delivery,
    delivered,
    renew_deliveries,
    undeliverable,
)
from db.jobs import Job, get_job

if TYPE_CHECKING:
    from bot.client import Atelier

#: Seconds that a claim holds. A bot that died meanwhile delays its results by no more than this.
LEASE_S = 20.0
#: Seconds that deliveries under way get at a clean stop; the supervisor kills the bot after 10.
_GRACE_S = 5.0
#: Deliveries under way at once.
AT_ONCE = 8
#: Longest wait between two attempts, and when to stop trying (seconds).
_LONGEST_DELAY_S = 60.0
_GIVE_UP_AFTER_S = 24 * 3600.0
#: Discord's "request entity too large".
_TOO_LARGE = 40005
_SMALLEST_LIMIT = 16 * 1024

logger = logging.getLogger(__name__)


class Deliverer:
    """Claims what is due, woken by `wake` and by looking every `interval_s` seconds."""

    def __init__(self, client: Atelier, *, bot_id: str, interval_s: float) -> None:
        self._client = client
        self._bot_id = bot_id
        self._interval_s = interval_s
        self._under_way: dict[asyncio.Task[None], DeliveryClaim] = {}
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """For ever; where it is cancelled, the deliveries under way may finish first."""
        try:
            while True:
                self.wake.clear()
                for due in await asyncio.to_thread(self._claim, tuple(self._under_way.values())):
                    task = asyncio.create_task(self._deliver(due))
                    self._under_way[task] = due.claim
                    task.add_done_callback(self._done)
                # Not `wait_for`, which on Python 3.11 may swallow a cancellation.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._interval_s):
                        await self.wake.wait()
        finally:
            # What does not finish is made again by the next bot, once its lease has ended.
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=_GRACE_S)
            for task in self._under_way:
                task.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        # There may be more than could be claimed at once.
        self.wake.set()

    def _claim(self, under_way: Collection[DeliveryClaim]) -> list[DueDelivery]:
        """Renew what is under way, however slow it is, and take what fits beside it."""
        try:
            with self._client.studio.database.begin() as session:
                renew_deliveries(session, under_way, LEASE_S)
                free = AT_ONCE - len(under_way)
                return claim_deliveries(session, self._bot_id, lease_s=LEASE_S, limit=free)
        except Exception:
            # Whatever it was, the next look may find it mended; a loop that ended would deliver nothing.
            logger.exception("Deliveries could not be claimed")
            return []

    async def _deliver(self, due: DueDelivery) -> None:
        with about_job(due.job.id), speaking(due.job.language):
            try:
                async with self._client.turns.of(due.job.interaction_id):
                    await self._show(due)
            except Undeliverable as error:
                logger.warning("Undeliverable: %s", error)
                await self._settle(undeliverable, due, str(error))
            except (discord.HTTPException, aiohttp.ClientError, OSError, StorageError) as error:
                await self._try_again(due, repr(error))
            except Exception:
                logger.exception("A delivery failed")
                await self._try_again(due, "error in the bot")

    async def _show(self, due: DueDelivery) -> None:
        # Read again: the placeholder may have been stored after the delivery was claimed.
        job = await asyncio.to_thread(self._read, due.job.id)
        if job is None:
            return
        self._client.progress.forget(job)
        channel_id, message_id = await self._place(due, job)
        self._client.throttle.spend(channel_id, job.id)
        if message_id != job.placeholder_message_id:
            # From now on this is the job's message, for whoever deletes it.
            await store_placeholder(self._client, job, channel_id, message_id, job.interaction_token)
        await self._settle(delivered, due, message_id)

    async def _place(self, due: DueDelivery, job: Job) -> tuple[int, int]:
        """(channel id, message id) of the message that shows the result now."""
        limit = self._client.limits.of(job.guild_id)
        while True:
            try:
                post = await self._client.beside(
                    ended_post,
                    self._client.studio.storage,
                    job,
                    due.images,
                    limit=limit,
                    credit=due.credit,
                )
                message_id = await self._client.placeholders.edit(job, due.age_s, post)
                if message_id is not None:
                    return job.channel_id, message_id
                sent = await self._client.placeholders.send(job, post, notice_post(job))
                return sent.channel.id, sent.id
            except ObjectMissing:
                raise Undeliverable(N_("its stored picture is missing")) from None
            except discord.HTTPException as error:
                too_large = error.status == 413 or error.code == _TOO_LARGE
                if not too_large or limit <= _SMALLEST_LIMIT:
                    raise
                limit //= 2

    async def _try_again(self, due: DueDelivery, reason: str) -> None:
        if due.age_s > _GIVE_UP_AFTER_S:
            await self._settle(undeliverable, due, N_("Discord did not take it for a day"))
            return
        delay_s = min(_LONGEST_DELAY_S, 2.0 ** min(due.claim.attempt, 10))
        logger.warning("Delivery again in %s s: %s", delay_s, reason)
        await self._settle(defer_delivery, due, delay_s, reason)

    async def _settle(self, how: Callable[..., object], due: DueDelivery, *arguments: object) -> None:
        def write() -> None:
            with self._client.studio.database.begin() as session:
                how(session, due.claim, *arguments)

        try:
            await asyncio.to_thread(write)
        except SQLAlchemyError:
            # The lease will end and the delivery be made again, which shows nothing twice.
            logger.exception("A delivery could not be settled")

    def _read(self, job_id: str) -> Job | None:
        with self._client.studio.database.read() as session:
            return get_job(session, job_id)
