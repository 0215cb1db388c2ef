"""The price of an image in credits, known before it runs.

One credit is a standard image: 25 UNet calls on 512 x 512 pixels by the model that the studio draws most
with. Guidance doubles the work of a call, so one without it counts half. A model that was seen to take longer
for the same work costs as much more. Every image costs at least one credit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.grid import image_request
from core.request import Request
from core.stages import Denoise, DenoiseTiles, LoadImage, ResizeLatents, RestoreFaces, Stage, Upscale

_STANDARD_WORK = 25 * 512 * 512
#: UNet calls that take as long as an upscaler of the ESRGAN family on as many pixels.
_UPSCALING_CALLS = 6
#: What restoring faces takes, whatever the picture's size: each is 512 x 512 pixels, and few are usual.
_RESTORING_WORK = 8.0 * 512 * 512
#: What a ControlNet, about half a UNet, adds to a call.
_CONTROL_SHARE = 0.4

#: Jobs of a model that must have been measured before they count for prices.
MEASURED_JOBS = 20
#: No model is more than so many times dearer, or cheaper, than usual.
MOST_PACE = 8.0

#: A command asks before it spends more than this, and more than this share of what there is.
_CONFIRM_CREDITS = 20
_CONFIRM_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How fast a model was seen to be on a kind of device."""

    model: str
    device: str
    seconds_per_work: float
    #: Jobs that were measured.
    jobs: int


def paces(measured: Sequence[Measured]) -> dict[str, float]:
    """How many times longer than the usual model each takes for the same work, 1/8 to 8.

    The usual one is that with the most measured jobs. Each is compared with it on the device where it was
    measured most often; one that shares no device with it is left out, and costs what it nominally does.
    """
    jobs: dict[str, int] = {}
    for each in measured:
        jobs[each.model] = jobs.get(each.model, 0) + each.jobs
    usual = max(jobs, key=lambda model: (jobs[model], model), default=None)
    standard = {each.device: each.seconds_per_work for each in measured if each.model == usual}
    found = {}
    for each in sorted(measured, key=lambda each: each.jobs):
        if each.device in standard:
            pace = each.seconds_per_work / standard[each.device]
            found[each.model] = min(MOST_PACE, max(1 / MOST_PACE, pace))
    return found


def image_price(request: Request, pace: Mapping[str, float] | None = None) -> int:
    """Credits that one image of the request costs, at least 1.

    Images of a grid differ, and are refunded one by one: each costs the average.

    Args:
        pace: of `paces`; models that it lacks cost what they nominally do.
    """
    return max(1, math.ceil(_work(request, pace or {}) / request.count / _STANDARD_WORK - 1e-9))


def asks_first(price: int, balance: int, threshold: int | None) -> bool:
    """Whether a command of this price is confirmed before it runs.

    Args:
        balance: before it.
        threshold: the server's, in credits; None: more than 20 credits and than a tenth of the balance.
    """
    usual = max(_CONFIRM_CREDITS, _CONFIRM_SHARE * balance)
    return price > (usual if threshold is None else threshold)


def total_work(request: Request) -> float:
    """What all images take together, in UNet calls with guidance x pixels; above 0."""
    return _work(request, {})


def _work(request: Request, pace: Mapping[str, float]) -> float:
    if not request.axes:
        return _image_work(request, pace) * request.count
    return sum(_image_work(image_request(request, index), pace) for index in range(request.count))


def _image_work(request: Request, pace: Mapping[str, float]) -> float:
    work, pixels = 0.0, 512 * 512
    for stage in request.stages:
        stage_work, pixels = _stage_work(stage, pixels)
        drawn_by = stage.model or request.model if isinstance(stage, Denoise) else None
        work += stage_work * (pace.get(drawn_by, 1.0) if drawn_by else 1.0)
    # A picture takes a moment even where nothing is denoised.
    return max(1.0, work)


def _stage_work(stage: Stage, pixels: int) -> tuple[float, int]:
    """What a stage takes, given the pixels before it; and the pixels after it."""
    if isinstance(stage, Denoise):
        pixels = stage.width * stage.height
        share = (1.0 if stage.guidance_scale > 1 else 0.5) * (1 + _CONTROL_SHARE * len(stage.controls))
        return stage.unet_calls * _seen(stage) * share, pixels
    if isinstance(stage, ResizeLatents):
        return 0.0, stage.width * stage.height
    if isinstance(stage, LoadImage):
        return 0.0, (stage.width or 512) * (stage.height or 512)
    if isinstance(stage, Upscale):
        return float(_UPSCALING_CALLS * _passed(stage, pixels)), pixels * stage.scale**2
    if isinstance(stage, RestoreFaces):
        return _RESTORING_WORK, pixels
    return 0.0, pixels


def _seen(stage: Denoise) -> int:
    """Pixels of all calls that a step takes: tiles overlap, so that they are more than the picture."""
    if isinstance(stage, DenoiseTiles):
        return stage.tiles * min(stage.tile, stage.width) * min(stage.tile, stage.height)
    return stage.width * stage.height


def _passed(stage: Upscale, pixels: int) -> int:
    """Pixels that go through the network: each pass begins with what the one before made."""
    passed, grown = 0, 1
    while grown < stage.scale:
        passed += pixels * grown**2
        grown *= stage.factor or stage.scale
    return passed
