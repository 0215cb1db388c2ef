"""Placeholders come alive: their place in line while they wait, step bar and preview while they run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING

import aiohttp
import discord
from sqlalchemy.exc import SQLAlchemyError

from actions.queue import place_in_queue, places_in_queue
from bot.placeholder import Undeliverable
from bot.post import Post
from bot.posts import progress_post, queued_post
from bot.text import place_text
from core.jobs import JobState
from core.logs import about_job
from core.words import speaking
from db.deliveries import JobProgress, progress_since, unfinished_jobs
from db.jobs import Job, get_job
from db.queue import QueuePosition

if TYPE_CHECKING:
    from bot.client import Atelier

#: Seconds between two looks at most as often as events ask for, and between two rounds over the queue.
_SHORTEST_LOOK_S = 0.1
_QUEUE_ROUND_S = 3.0
#: Waiting jobs whose place is looked up in one round.
_PER_ROUND = 10

logger = logging.getLogger(__name__)


class Progress:
    """Edits progress into placeholders, as often as the throttle admits; losing an edit is harmless."""

    def __init__(self, client: Atelier, *, interval_s: float) -> None:
        self._client = client
        self._interval_s = interval_s
        #: Version last shown, by id of running job.
        self._shown: dict[str, int] = {}
        #: Text last shown, by id of waiting job; insertion order is the order of the rounds.
        self._waiting: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_round = 0.0
        self.wake = asyncio.Event()

    def forget(self, job: Job) -> None:
        """The job has ended. The caller holds the message's lock, so no edit follows."""
        self._shown.pop(job.id, None)
        self._waiting.pop(job.id, None)

    async def run(self) -> None:
        """For ever; losing it loses nothing but sight."""
        try:
            while True:
                self.wake.clear()
                try:
                    await self._look()
                except Exception:
                    # Whatever it was, the next look may find it mended.
                    logger.exception("Progress could not be looked at")
                await asyncio.sleep(_SHORTEST_LOOK_S)
                # Not `wait_for`, which on Python 3.11 may swallow a cancellation.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._interval_s):
                        await self.wake.wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look(self) -> None:
        admitted = []
        for moved in await asyncio.to_thread(self._moved):
            self._waiting.pop(moved.job.id, None)
            if self._client.throttle.admit(moved.job.channel_id, moved.job.id):
                self._shown[moved.job.id] = moved.version
                admitted.append(moved)
        # Asked once for all: the time left depends on the whole queue.
        ids = [moved.job.id for moved in admitted]
        places = await asyncio.to_thread(places_in_queue, self._client.studio, ids) if ids else {}
        for moved in admitted:
            self._start(self._show_progress(moved, places.get(moved.job.id)), moved.job.id)
        if time.monotonic() >= self._next_round:
            self._next_round = time.monotonic() + _QUEUE_ROUND_S
            self._keep(await asyncio.to_thread(self._unfinished))
            for job_id in list(self._waiting)[:_PER_ROUND]:
                self._start(self._show_place(job_id), job_id)

    def _keep(self, unfinished: Mapping[str, JobState]) -> None:
        """Know of the jobs that wait, whoever took them in, and forget those that have ended."""
        waiting = [job_id for job_id, state in unfinished.items() if state == JobState.QUEUED]
        for job_id in self._waiting.keys() - waiting:
            del self._waiting[job_id]
        for job_id in waiting:
            self._waiting.setdefault(job_id, "")
        self._shown = {job_id: version for job_id, version in self._shown.items() if job_id in unfinished}

    def _unfinished(self) -> dict[str, JobState]:
        with self._client.studio.database.read() as session:
            return unfinished_jobs(session)

    def _moved(self) -> list[JobProgress]:
        with self._client.studio.database.read() as session:
            return progress_since(session, self._shown)

    def _start(self, work: Coroutine[None, None, None], job_id: str) -> None:
        async def guarded() -> None:
            with about_job(job_id):
                try:
                    await work
                except Undeliverable:
                    self._waiting.pop(job_id, None)
                except (discord.HTTPException, aiohttp.ClientError, OSError, SQLAlchemyError) as error:
                    logger.info("Progress was not shown: %r", error)

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _show_progress(self, moved: JobProgress, place: QueuePosition | None) -> None:
        async with self._client.turns.of(moved.job.interaction_id):
            job = await asyncio.to_thread(self._read, moved.job.id)
            # It may have ended since it was listed, and then its result is, or will be, what is shown.
            if job is None or job.state != JobState.RUNNING:
                return
            with speaking(job.language):
                post = await self._client.beside(progress_post, self._client.studio.storage, job, place)
            await self._client.placeholders.edit(job, moved.age_s, post)

    async def _show_place(self, job_id: str) -> None:
        job = await asyncio.to_thread(self._read, job_id)
        if job is None or job.state != JobState.QUEUED:
            self._waiting.pop(job_id, None)
            return
        place = await asyncio.to_thread(place_in_queue, self._client.studio, job_id)
        with speaking(job.language):
            text, post = place_text(job, place), queued_post(job, place)
        shown = self._waiting.pop(job_id, "")
        # At the end of the line: the others have their rounds first.
        self._waiting[job_id] = shown
        if text != shown and self._client.throttle.admit(job.channel_id, job_id):
            await self._edit_waiting(job, post)
            if job_id in self._waiting:
                self._waiting[job_id] = text

    async def _edit_waiting(self, job: Job, post: Post) -> None:
        async with self._client.turns.of(job.interaction_id):
            again = await asyncio.to_thread(self._read, job.id)
            if again is not None and again.state == JobState.QUEUED:
                # Only chooses between token and bot token, so the host's clock is good enough.
                await self._client.placeholders.edit(again, time.time() - job.created_at, post)

    def _read(self, job_id: str) -> Job | None:
        with self._client.studio.database.read() as session:
            return get_job(session, job_id)
