"""A job's pictures on their way out: images, the grid of them, and previews meanwhile."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from core.errors import ObjectMissing, StorageError
from core.jobs import ImageKind
from core.moderation import ImagePolicy
from core.pictures import encode_input
from core.storage import grid_key, image_key, map_key, preview_key
from db import claims
from db.images import NewImage, StoredImage, images_of
from db.jobs import get_job
from models.engine.api import DrawnMap, FinishedImage
from workers.fenced import ClaimLost, Fenced
from workers.grid import grid_webp, webp
from workers.running import RunningJob
from workers.tools import Tools

logger = logging.getLogger(__name__)

_PREVIEW_QUALITY = 75


class Pictures:
    """Stores and settles the pictures of one job."""

    def __init__(self, job: RunningJob, tools: Tools, fenced: Fenced) -> None:
        self._job = job
        self._storage = tools.storage
        self._fenced = fenced
        #: Images that this attempt settled, by index.
        self._made: dict[int, Image.Image] = {}
        #: Maps that this attempt settled, by index.
        self._maps: set[int] = set()
        self._has_preview = False

    def settle(self, index: int, finished: FinishedImage) -> None:
        """Store an image, then have it paid for.

        Raises:
            ClaimLost: the job is another's, or nobody's, by now.
        """
        png = finished.png()
        row = _row(
            png,
            finished.image.size,
            kind=ImageKind.RESULT,
            index=index,
            key=image_key(self._job.id, index),
            recipe=finished.recipe.to_json(),
            flagged=finished.flagged,
            held=finished.flagged and self._job.claimed.job.image_policy == ImagePolicy.QUARANTINE,
        )
        if self._store(row, png, "image/png"):
            self._made[index] = finished.image
            self._settle_maps(finished.maps)

    def settle_grid(self) -> None:
        """The picture that shows all images, where there is more than one."""
        settled = self._fenced.write(lambda session: images_of(session, self._job.id))
        images = [image for row in settled if (image := self._pixels(row)) is not None]
        axes = self._job.claimed.job.request.axes
        # Where images are missing, rows and columns would not be what they say.
        complete = len(images) == self._job.claimed.job.image_count
        if len(images) > 1:
            data, size = grid_webp(images, axes if complete else ())
            key = grid_key(self._job.id)
            flagged = any(row.flagged for row in settled)
            row = _row(data, size, kind=ImageKind.GRID, index=0, key=key, flagged=flagged)
            self._store(row, data, "image/webp")

    def _settle_maps(self, maps: Sequence[DrawnMap]) -> None:
        """Maps and masks drawn on the way, free of charge: all images have the same, kept once."""
        for index, drawn in enumerate(maps):
            if index not in self._maps:
                self._maps.add(index)
                png = encode_input(drawn.image)
                key = map_key(self._job.id, index)
                row = _row(png, drawn.image.size, kind=ImageKind.MAP, index=index, key=key)
                self._store(row, png, "image/png")

    def show_preview(self) -> None:
        """Store the newest preview if there is one; a job does not depend on it."""
        preview = self._job.take_preview()
        if preview is not None and self._job.why_stopped is None:
            data = webp(preview, quality=_PREVIEW_QUALITY)
            self._try(partial(self._storage.put, preview_key(self._job.id), data, "image/webp"))
            self._has_preview = True

    def forget_preview(self) -> None:
        if self._has_preview:
            self._try(partial(self._storage.delete, preview_key(self._job.id)))

    def _pixels(self, row: StoredImage) -> Image.Image | None:
        """A settled image, read back where an earlier attempt made it."""
        if row.index in self._made:
            return self._made[row.index]
        try:
            data = self._fenced.patiently(partial(self._storage.get, row.key))
        except ObjectMissing:
            logger.error("image %d of an earlier attempt is not in storage", row.index)
            return None
        return Image.open(io.BytesIO(data), formats=("PNG",)).convert("RGB")

    def _store(self, row: NewImage, data: bytes, content_type: str) -> bool:
        """Put and settle a picture; False where the member has deleted the job meanwhile."""
        self._fenced.patiently(partial(self._storage.put, row.key, data, content_type))
        if self._fenced.write(partial(self._complete, row)):
            return True
        if self._fenced.write(lambda session: get_job(session, self._job.id)) is not None:
            raise ClaimLost
        self._fenced.patiently(partial(self._storage.delete, row.key))
        return False

    def _complete(self, row: NewImage, session: Session) -> bool:
        # Short jobs are over before the side thread tells how far they are.
        news = self._job.news()
        if news is not None:
            claims.progress(session, self._job.claim, *news)
        return claims.complete_image(session, self._job.claim, row)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except StorageError as error:
            logger.warning("the preview: %s", error)


def _row(
    data: bytes,
    size: tuple[int, int],
    *,
    kind: ImageKind,
    index: int,
    key: str,
    **more: Any,
) -> NewImage:
    width, height = size
    return NewImage(
        index=index,
        kind=kind,
        key=key,
        sha256=hashlib.sha256(data).hexdigest(),
        width=width,
        height=height,
        bytes=len(data),
        **more,
    )
