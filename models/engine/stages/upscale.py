"""A larger picture by a network of the ESRGAN family."""

from __future__ import annotations

from core.addon_spec import AddonKind
from core.stages import MAX_UPSCALED_SIDE, Upscale
from core.words import N_
from models.engine.api import ImageFailed
from models.engine.images import ImageRun
from models.engine.slices import Slices


def upscale(run: ImageRun, stage: Upscale) -> Slices[None]:
    """Enlarge the picture so far by the stage's scale, in as many passes as the network's factor asks for.

    What the last pass makes too large is scaled down (2 by a 4x network is half of what that makes).

    Raises:
        ImageFailed: the result would be larger than MAX_UPSCALED_SIDE, or the numbers overflowed.
    """
    from models.upscalers.tiles import enlarge

    picture = run.picture(None).convert("RGB")
    size = (picture.width * stage.scale, picture.height * stage.scale)
    if max(size) > MAX_UPSCALED_SIDE:
        raise ImageFailed(
            N_("That would be {width}x{height} pixels; up to {most} on a side are made."),
            width=size[0],
            height=size[1],
            most=MAX_UPSCALED_SIDE,
        )
    network = run.addon(AddonKind.UPSCALER, stage.upscaler)
    while picture.width < size[0]:
        picture = yield from enlarge(network, picture, size)
    run.image = picture
