"""Stages that run at batch 1 between two UNet calls: one function each, in a file each.

Those that take long for large pictures come in slices, between which other images have their turns. Denoising
is no part of this table: it takes its turns in the lanes (`models.engine.rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from core.stages import (
    Caption,
    Composite,
    Decode,
    EncodeImage,
    EncodeText,
    LoadImage,
    MakeMask,
    ResizeLatents,
    RestoreFaces,
    Stage,
    Upscale,
)
from core.words import N_
from models.engine.api import ImageFailed
from models.engine.images import ImageRun
from models.engine.stages.caption import caption
from models.engine.stages.composite import composite
from models.engine.stages.decode import decode_latents
from models.engine.stages.encode_image import encode_image
from models.engine.stages.encode_text import encode_text
from models.engine.stages.load_image import load_image
from models.engine.stages.make_mask import make_mask
from models.engine.stages.resize_latents import resize_latents
from models.engine.stages.restore_faces import restore_faces
from models.engine.stages.upscale import upscale

_RUNNERS: dict[type[Stage], Callable[[ImageRun, Any], Iterator[None] | None]] = {
    EncodeText: encode_text,
    LoadImage: load_image,
    EncodeImage: encode_image,
    MakeMask: make_mask,
    ResizeLatents: resize_latents,
    Decode: decode_latents,
    Composite: composite,
    Upscale: upscale,
    RestoreFaces: restore_faces,
    Caption: caption,
}

_OVER = object()


def go_on(run: ImageRun) -> None:
    """Do the current stage of an image or, where that comes in slices, the next of them.

    Raises:
        ImageFailed: it can't be done, or this worker does not know how.
    """
    if run.slices is None:
        run.slices = _begin(run, run.stages[0])
    if next(run.slices, _OVER) is _OVER:
        run.slices = None
        run.stages.popleft()


def _begin(run: ImageRun, stage: Stage) -> Iterator[None]:
    """The stage's slices; one that has none is done at once."""
    runner = _RUNNERS.get(type(stage))
    if runner is None:
        raise ImageFailed(N_("This worker cannot do {kind}."), kind=stage.kind.replace("_", " "))
    return runner(run, stage) or iter(())
