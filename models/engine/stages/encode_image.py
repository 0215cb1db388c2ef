"""A picture to the distribution of its latents.

They are drawn from it only where a stage uses them: a 9-channel UNet at full strength never does, and the
noise that follows must be the same as the stock pipeline's.
"""

from __future__ import annotations

from core.stages import EncodeImage
from models.engine.autoencoder import encode, to_pixels
from models.engine.framing import framed
from models.engine.images import ImageRun
from models.engine.slices import Slices


def encode_image(run: ImageRun, stage: EncodeImage) -> Slices[None]:
    source = framed(run.picture(stage.image).convert("RGB"), stage.width, stage.height, stage.whole)
    run.posterior = yield from encode(run, to_pixels(source))
    run.source, run.latents = source, None
