"""The painted picture inside the mask, the member's own pixels outside."""

from __future__ import annotations

from PIL import Image

from core.stages import Composite
from models.engine.framing import framed, unframed
from models.engine.images import ImageRun

#: Mask values from here on are white: what the denoising painted anew (`models.engine.inpaint`).
WHITE = 128


def composite(run: ImageRun, stage: Composite) -> None:
    """Lay the picture so far over the given one.

    Where the mask is black (below 128) the given pixels come back bit for bit. White ones are painted, and
    a soft edge lies inside the white side alone: there gray from 128 to 255 is a share from 0 to 1. A picture
    that was encoded whole keeps its size, to which what was painted, if anything, is scaled.
    """
    painted, whole = run.picture(None), run.task.request.given_size
    size = whole or painted.size
    given = framed(run.picture(stage.image).convert("RGB"), *size, whole)
    if whole is not None:
        painted = given if painted is run.source else unframed(painted, whole)
    mask = framed(run.picture(stage.mask).convert("L"), *size, whole)
    share = mask.point([max(0, value - WHITE + 1) * 255 // (256 - WHITE) for value in range(256)])
    run.image = Image.composite(painted, given, share)
