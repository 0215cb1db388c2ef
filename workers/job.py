"""One claimed job, from the engine to its end. Each runs on a thread of its own, which mostly waits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial

from PIL import Image
from sqlalchemy.orm import Session

from core.errors import ObjectMissing
from core.events import Event, EventKind
from core.grid import image_request
from core.inputs import load_input
from core.logs import about_job
from core.moderation import ImagePolicy
from core.words import N_, _, speaking
from db import claims
from models.engine.api import (
    DrawnMap,
    EngineClosed,
    EngineError,
    FinishedImage,
    ImageCancelled,
    ImageFailed,
    ImageTask,
    UnknownModel,
)
from workers.fenced import ClaimLost, Fenced
from workers.patience import PASSING
from workers.pictures import Pictures
from workers.replay import note_on, recipe_to_follow
from workers.running import RunningJob, Stop
from workers.tools import Tools

logger = logging.getLogger(__name__)

#: How soon a new preview is noticed.
_LOOK_EVERY_S = 0.25
#: After trouble that was not its fault, a job waits this long for its next attempt.
_PAUSE_S = 10.0
_BROKEN = N_("Something went wrong on our side. Your credits are back.")
_INPUT_GONE = N_("The picture that it was to be made from is gone. Your credits are back.")

#: How a job ends: one of `db.claims`' functions, its words filled in.
Ending = Callable[[Session, claims.Claim], object]
#: What the engine is making, each with the image's index.
Images = Mapping[Future[FinishedImage], int]


def run_job(job: RunningJob, tools: Tools, *, begun: Callable[[], object]) -> None:
    """Hand every missing image to the engine, store and settle each as it comes, then end the job.

    Raises nothing; the log has it.

    Args:
        begun: called once the images are the engine's, or never will be.
    """
    with about_job(job.id), speaking(job.claimed.job.language):
        try:
            _JobRun(job, tools).run(begun)
        except ClaimLost:
            logger.warning("the claim is lost, and what was made is dropped")
        except Exception:
            logger.exception("the job could not be ended; its lease will end")
        finally:
            # Whatever is still in the engine is of no use any more.
            job.stopped.set()


class _JobRun:
    def __init__(self, job: RunningJob, tools: Tools) -> None:
        self._job = job
        self._tools = tools
        self._fenced = Fenced(job, tools.database)
        self._pictures = Pictures(job, tools, self._fenced)
        #: What the member is to be told about the images, once each.
        self._notes: dict[str, None] = {}
        #: Maps and masks that the engine draws once for all images.
        self._drawn: dict[Hashable, DrawnMap] = {}

    def run(self, begun: Callable[[], object]) -> None:
        try:
            try:
                images = self._begin()
            finally:
                begun()
            ending = self._make(images)
        except ObjectMissing as error:
            logger.warning("its input is missing: %s", error)
            ending = partial(claims.fail, reason=_(_INPUT_GONE))
        except PASSING:
            logger.warning("stopped while waiting for trouble to pass", exc_info=True)
            ending = partial(claims.retry, reason="", counts=False, delay_s=_PAUSE_S)
        except ClaimLost:
            raise
        except Exception:
            logger.exception("the job failed")
            ending = partial(claims.retry, reason=_(_BROKEN), counts=True)
        self._end(ending)

    def _begin(self) -> Images:
        """Hand every missing image to the engine, with the pictures that they are made from."""
        inputs = {
            sha256: self._fenced.patiently(partial(load_input, self._tools.storage, sha256))
            for sha256 in sorted(self._job.claimed.job.request.images)
        }
        return {self._tools.engine.submit(self._task(index, inputs)): index for index in self._job.missing}

    def _task(self, index: int, inputs: Mapping[str, Image.Image]) -> ImageTask:
        job = self._job
        request = job.claimed.job.request
        return ImageTask(
            # An image of a grid is an order of its own.
            request=image_request(request, index) if request.axes else request,
            index=0 if request.axes else index,
            owner=job.claimed.job.account_id,
            inputs=inputs,
            replay=recipe_to_follow(job, index),
            on_progress=lambda done, _total, preview: job.on_progress(index, done, preview),
            cancelled=job.stopped,
            drawn=self._drawn,
            keep_flagged=job.claimed.job.image_policy != ImagePolicy.BLOCK,
        )

    def _make(self, images: Images) -> Ending:
        """Settle every image that can be made, and say how the job is to end."""
        errors: list[EngineError] = []
        unsettled = set(images)
        for future in self._as_they_come(images):
            unsettled.remove(future)
            try:
                finished = future.result()
            except EngineError as error:
                logger.info("image %d: %s: %s", images[future], type(error).__name__, error)
                errors.append(error)
            else:
                self._pictures.settle(images[future], finished)
                self._note(note_on(self._job, images[future], finished.recipe))
        # Not `future.done()`: an image may be ready by now that was not when the job was told to stop.
        if (errors or unsettled) and self._job.why_stopped is Stop.RELEASED:
            return claims.release
        return self._ending(errors)

    def _as_they_come(self, images: Images) -> Iterator[Future[FinishedImage]]:
        waiting = set(images)
        while waiting and self._job.why_stopped is not Stop.RELEASED:
            self._fenced.check()
            done, waiting = wait(waiting, _LOOK_EVERY_S, FIRST_COMPLETED)
            yield from done
            self._pictures.show_preview()

    def _ending(self, errors: Sequence[EngineError]) -> Ending:
        for error in errors:
            if isinstance(error, EngineClosed):
                self._tools.engine_stopped()
                return claims.release
            if isinstance(error, UnknownModel):
                return partial(claims.fail, reason=error.said())
            if isinstance(error, ImageFailed):
                return partial(claims.retry, reason=error.said(), counts=True)
        self._pictures.settle_grid()
        if any(isinstance(error, ImageCancelled) for error in errors):
            return claims.cancel_done
        # What is left are images that the screen withheld.
        for error in errors:
            self._note(error.said())
        return partial(claims.finish, note=" ".join(self._notes) or None)

    def _note(self, words: str | None) -> None:
        if words:
            self._notes[words] = None

    def _end(self, ending: Ending) -> None:
        if not self._fenced.write(lambda session: ending(session, self._job.claim)):
            raise ClaimLost
        self._job.stopped.set()
        self._tools.publish(Event(kind=EventKind.DELIVERY, job_id=self._job.id))
        self._pictures.forget_preview()
