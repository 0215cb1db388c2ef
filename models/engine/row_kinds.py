"""Which way a denoise stage goes through the loop."""

from __future__ import annotations

from core.stages import Denoise, DenoiseTiles, UpscaleLatents
from models.engine.images import ImageRun
from models.engine.latent_upscaling import UpscalingRow
from models.engine.rows import Row
from models.engine.tiles import Canvas


def begin_row(run: ImageRun, stage: Denoise) -> Row:
    """Begin a denoise stage. Raises EngineError where it can't be done."""
    if isinstance(stage, DenoiseTiles):
        return Canvas(run, stage)
    if isinstance(stage, UpscaleLatents):
        return UpscalingRow(run, stage)
    return Row(run, stage)
