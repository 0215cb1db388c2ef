"""The worker's part, played by the test: one transaction each, with pictures of noise."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from PIL import Image

from core.events import Event, EventKind, open_redis, publish
from core.jobs import ImageKind
from core.moderation import ImagePolicy
from core.storage import DirectoryStorage, grid_key, image_key, map_key, preview_key
from db import claims, workers
from db.claiming import claim_next
from db.claims import ClaimedJob
from db.engine import Database
from db.images import NewImage
from tests.model_specs import model_spec

SPEC = model_spec(default_guidance_scale=5.0)


class Worker:
    """Claims, reports and finishes as a worker process does, one transaction each."""

    def __init__(self, database: Database, storage: DirectoryStorage, redis_url: str) -> None:
        self.database = database
        self.storage = storage
        self.redis = open_redis(redis_url)
        with database.begin() as session:
            workers.register_worker(session, workers.WorkerInfo(id="w", host="h", device="cpu"), [SPEC])

    def offer(self, **changes: object) -> None:
        """Offer the starter model with other facts from now on."""
        with self.database.begin() as session:
            info = workers.WorkerInfo(id="w", host="h", device="cpu")
            workers.register_worker(session, info, [replace(SPEC, **changes)])  # type: ignore[arg-type]

    def claim(self) -> ClaimedJob:
        with self.database.begin() as session:
            claimed = claim_next(session, "w", lease_s=600, limit=100)
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
        flagged: Collection[int] = (),
        caption: str = "",
    ) -> None:
        """Store pictures (all of them, or so many), a grid where there are several, and end the job.

        Quietly: without a hint for the bot.
        """
        count = claimed.job.image_count if images is None else images
        for index in range(count):
            key = image_key(claimed.job.id, index)
            recipe = {"caption": caption} if caption else {}
            self._store(claimed, index, ImageKind.RESULT, key, side, flagged=index in flagged, recipe=recipe)
        if count > 1:
            key = grid_key(claimed.job.id)
            spoiled = bool(flagged) and claimed.job.image_policy == ImagePolicy.SPOILER
            self._store(claimed, 0, ImageKind.GRID, key, side, flagged=spoiled)
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

    def make(self, **options: Any) -> ClaimedJob:
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

    def _store(
        self,
        claimed: ClaimedJob,
        index: int,
        kind: ImageKind,
        key: str,
        side: int,
        *,
        flagged: bool = False,
        recipe: dict[str, Any] | None = None,
    ) -> None:
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
            recipe=recipe or {},
            flagged=flagged,
            held=flagged and claimed.job.image_policy == ImagePolicy.QUARANTINE,
        )
        with self.database.begin() as session:
            assert claims.complete_image(session, claimed.claim, image)


def picture_bytes(form: str = "PNG", side: int = 64) -> bytes:
    """Noise, which does not compress, so that its size is known: about 3 bytes a pixel as PNG."""
    buffer = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(buffer, form)
    return buffer.getvalue()
