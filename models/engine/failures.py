"""Whose fault an error is: one image's, or the device's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import torch

from core.words import N_
from models.engine.api import EngineClosed, EngineError, FinishedImage, ImageFailed

logger = logging.getLogger(__name__)


@contextmanager
def failing_alone(future: Future[FinishedImage]) -> Iterator[None]:
    """Whatever goes wrong inside ends this image and no other.

    Raises:
        torch.AcceleratorError: the device is broken for the rest of this process, for all images alike.
    """
    try:
        yield
    except EngineError as error:
        future.set_exception(error)
    except torch.AcceleratorError:
        future.set_exception(EngineClosed(N_("The device failed before this image was done.")))
        raise
    except torch.OutOfMemoryError as error:
        logger.exception("out of memory")
        future.set_exception(_caused(error, N_("It needs more memory than there is. A smaller size may do.")))
    except Exception as error:
        logger.exception("an image failed")
        future.set_exception(
            _caused(error, N_("It could not be made ({error})."), error=type(error).__name__)
        )


def _caused(error: Exception, text: str, /, **values: str) -> ImageFailed:
    failed = ImageFailed(text, **values)
    failed.__cause__ = error
    return failed
