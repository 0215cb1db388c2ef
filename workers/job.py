"""One claimed job, from the engine to its end. Each runs on a thread of its own, which mostly waits."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from typing import TypeVar

from PIL import Image
from sqlalchemy.orm import Session

from core.errors import ObjectMissing, StorageError
from core.events import Event, EventKind
from core.jobs import ImageKind
from core.logs import about_job
from core.recipe import Recipe
from core.storage import grid_key, image_key, preview_key
from db import claims
from db.images import NewImage
from db.jobs import get_job
from models.engine.api import (
    EngineClosed,
    EngineError,
    FinishedImage,
    ImageCancelled,
    ImageFailed,
    ImageTask,
    UnknownModel,
)
from workers.grid import grid_webp, webp
from workers.patience import PASSING, keep_trying
from workers.running import RunningJob, Stop
from workers.tools import Tools

logger = logging.getLogger(__name__)

#: How soon a new preview is noticed.
_LOOK_EVERY_S = 0.25
#: After trouble that was not its fault, a job waits this long for its next attempt.
_PAUSE_S = 10.0
_PREVIEW_QUALITY = 75
_BROKEN = "Something went wrong on our side. Your credits are back."

#: How a job ends: one of `db.claims`' functions, its words filled in.
Ending = Callable[[Session, claims.Claim], object]
Images = Mapping[Future[FinishedImage], int]

_T = TypeVar("_T")


class ClaimLost(Exception):
    """The job is not this process's any more: whatever it made is dropped."""


def begin_images(job: RunningJob, tools: Tools) -> Images:
    """Hand every image that is missing to the engine; the futures, each with its image's index."""
    return {_begin(job, index, tools): index for index in job.missing}


def run_job(job: RunningJob, images: Images, tools: Tools) -> None:
    """Store and settle each image as it comes, then end the job. Raises nothing; the log has it."""
    with about_job(job.id):
        try:
            _JobRun(job, tools).run(images)
        except ClaimLost:
            logger.warning("the claim is lost, and what was made is dropped")
        except Exception:
            logger.exception("the job could not be ended; its lease will end")
        finally:
            # Whatever is still in the engine is of no use any more.
            job.stopped.set()


def _begin(job: RunningJob, index: int, tools: Tools) -> Future[FinishedImage]:
    replay = job.claimed.replays.get(index)
    try:
        recipe = None if replay is None else Recipe.from_json(replay)
    except Exception:
        logger.exception("unreadable recipe")
        failed: Future[FinishedImage] = Future()
        failed.set_exception(ImageFailed("The recipe of the original can't be read any more."))
        return failed
    task = ImageTask(
        request=job.claimed.job.request,
        index=index,
        replay=recipe,
        on_progress=lambda done, _total, preview: job.on_progress(index, done, preview),
        cancelled=job.stopped,
    )
    return tools.engine.submit(task)


class _JobRun:
    def __init__(self, job: RunningJob, tools: Tools) -> None:
        self._job = job
        self._tools = tools
        #: Pictures that this attempt settled, by index.
        self._made: dict[int, Image.Image] = {}
        self._has_preview = False

    def run(self, images: Images) -> None:
        try:
            ending = self._make(images)
        except PASSING:
            logger.warning("stopped while waiting for trouble to pass", exc_info=True)
            ending = partial(claims.retry, reason="", counts=False, delay_s=_PAUSE_S)
        except ClaimLost:
            raise
        except Exception:
            logger.exception("the job failed")
            ending = partial(claims.retry, reason=_BROKEN, counts=True)
        self._end(ending)

    def _make(self, images: Images) -> Ending:
        """Settle every image that can be made, and say how the job is to end."""
        errors: list[EngineError] = []
        for future in self._as_they_come(images):
            try:
                finished = future.result()
            except EngineError as error:
                logger.info("image %d: %s: %s", images[future], type(error).__name__, error)
                errors.append(error)
            else:
                self._settle(images[future], finished)
        undone = errors or not all(future.done() for future in images)
        if undone and self._job.why_stopped is Stop.RELEASED:
            return claims.release
        return self._ending(errors)

    def _as_they_come(self, images: Images) -> Iterator[Future[FinishedImage]]:
        waiting = set(images)
        while waiting and self._job.why_stopped is not Stop.RELEASED:
            self._check()
            done, waiting = wait(waiting, _LOOK_EVERY_S, FIRST_COMPLETED)
            yield from done
            self._show_preview()

    def _ending(self, errors: Sequence[EngineError]) -> Ending:
        for error in errors:
            if isinstance(error, EngineClosed):
                self._tools.engine_stopped()
                return claims.release
            if isinstance(error, UnknownModel):
                return partial(claims.fail, reason=str(error))
            if isinstance(error, ImageFailed):
                return partial(claims.retry, reason=str(error), counts=True)
        self._store_grid()
        if any(isinstance(error, ImageCancelled) for error in errors):
            return claims.cancel_done
        # What is left are images that the screen withheld.
        return partial(claims.finish, note=str(errors[0]) if errors else None)

    def _settle(self, index: int, finished: FinishedImage) -> None:
        picture = NewImage(
            index=index,
            kind=ImageKind.RESULT,
            recipe=finished.recipe.to_json(),
            **self._store(image_key(self._job.id, index), finished.png(), finished.image.size, "image/png"),
        )
        if self._complete(picture):
            self._made[index] = finished.image

    def _store_grid(self) -> None:
        pictures = self._pictures()
        if len(pictures) < 2:
            return
        data, size = grid_webp(pictures)
        stored = self._store(grid_key(self._job.id), data, size, "image/webp")
        self._complete(NewImage(index=0, kind=ImageKind.GRID, **stored))

    def _pictures(self) -> list[Image.Image]:
        """Every settled picture of the job in its order, those of earlier attempts read back."""
        pictures = dict(self._made)
        for index in self._job.claimed.done_images:
            try:
                data = self._patiently(partial(self._tools.storage.get, image_key(self._job.id, index)))
            except ObjectMissing:
                logger.error("image %d of an earlier attempt is not in storage", index)
                continue
            pictures[index] = Image.open(io.BytesIO(data), formats=("PNG",)).convert("RGB")
        return [pictures[index] for index in sorted(pictures)]

    def _store(self, key: str, data: bytes, size: tuple[int, int], content_type: str) -> dict[str, object]:
        """Put an object in storage; what its row says about it."""
        self._check()
        self._patiently(partial(self._tools.storage.put, key, data, content_type))
        width, height = size
        digest = hashlib.sha256(data).hexdigest()
        return {"key": key, "sha256": digest, "bytes": len(data), "width": width, "height": height}

    def _complete(self, picture: NewImage) -> bool:
        """Settle a stored picture; False where the member has deleted the job meanwhile."""
        if self._write(partial(self._complete_image, picture)):
            return True
        if self._write(lambda session: get_job(session, self._job.id)) is not None:
            raise ClaimLost
        self._patiently(partial(self._tools.storage.delete, picture.key))
        return False

    def _complete_image(self, picture: NewImage, session: Session) -> bool:
        # Short jobs are over before the side thread tells how far they are.
        news = self._job.news()
        if news is not None:
            claims.progress(session, self._job.claim, *news)
        return claims.complete_image(session, self._job.claim, picture)

    def _end(self, ending: Ending) -> None:
        if not self._write(lambda session: ending(session, self._job.claim)):
            raise ClaimLost
        self._job.stopped.set()
        self._tools.publish(Event(kind=EventKind.DELIVERY, job_id=self._job.id))
        if self._has_preview:
            self._try_storage(partial(self._tools.storage.delete, preview_key(self._job.id)))

    def _show_preview(self) -> None:
        preview = self._job.take_preview()
        if preview is not None and self._job.why_stopped is None:
            data = webp(preview, quality=_PREVIEW_QUALITY)
            self._try_storage(partial(self._tools.storage.put, preview_key(self._job.id), data, "image/webp"))
            self._has_preview = True

    def _check(self) -> None:
        if self._job.why_stopped is Stop.LOST:
            raise ClaimLost

    def _write(self, act: Callable[[Session], _T]) -> _T:
        """One transaction, tried until the lease would have run out."""

        def transaction() -> _T:
            self._check()
            with self._tools.database.begin() as session:
                return act(session)

        return keep_trying(transaction, may_go_on=lambda: self._job.why_stopped is not Stop.LOST)

    def _patiently(self, act: Callable[[], _T]) -> _T:
        """An operation on storage, tried until somebody wants the job to stop."""
        return keep_trying(act, may_go_on=lambda: self._job.why_stopped is None)

    def _try_storage(self, act: Callable[[], object]) -> None:
        """An operation that a job does not depend on."""
        try:
            act()
        except StorageError as error:
            logger.warning("the preview: %s", error)
