"""Latents to the picture so far."""

from __future__ import annotations

from core.stages import Decode
from models.engine.autoencoder import decode
from models.engine.images import ImageRun
from models.engine.slices import Slices


def decode_latents(run: ImageRun, _stage: Decode) -> Slices[None]:
    """A source that no stage changed comes back itself: a strength of 0 keeps every pixel of it."""
    if run.latents is None and run.source is not None:
        run.image = run.source
    else:
        run.image = yield from decode(run, run.source_latents())
