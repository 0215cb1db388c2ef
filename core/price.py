"""The price of an image in credits, known before it runs.

One credit is a standard image: 25 UNet calls on 512 x 512 pixels. Guidance doubles the work of a call, so one
without it counts half. Every image costs at least one credit.
"""

from __future__ import annotations

import math

from core.grid import image_request
from core.request import Request
from core.stages import Denoise, LoadImage, ResizeLatents, Stage, Upscale

_STANDARD_WORK = 25 * 512 * 512
#: UNet calls that take as long as an upscaler of the ESRGAN family on as many pixels.
_UPSCALING_CALLS = 6
#: What a ControlNet, about half a UNet, adds to a call.
_CONTROL_SHARE = 0.4


def image_price(request: Request) -> int:
    """Credits that one image of the request costs, at least 1.

    Images of a grid differ, and are refunded one by one: each costs the average.
    """
    return max(1, math.ceil(total_work(request) / request.count / _STANDARD_WORK))


def total_work(request: Request) -> float:
    """What all images take together, in UNet calls with guidance x pixels; above 0."""
    if not request.axes:
        return _image_work(request.stages) * request.count
    return sum(_image_work(image_request(request, index).stages) for index in range(request.count))


def _image_work(stages: tuple[Stage, ...]) -> float:
    work, pixels = 0.0, 512 * 512
    for stage in stages:
        if isinstance(stage, Denoise):
            pixels = stage.width * stage.height
            share = (1.0 if stage.guidance_scale > 1 else 0.5) * (1 + _CONTROL_SHARE * len(stage.controls))
            work += stage.unet_calls * pixels * share
        elif isinstance(stage, ResizeLatents):
            pixels = stage.width * stage.height
        elif isinstance(stage, LoadImage):
            pixels = (stage.width or 512) * (stage.height or 512)
        elif isinstance(stage, Upscale):
            work += _UPSCALING_CALLS * pixels
            pixels *= stage.scale**2
    # A picture takes a moment even where nothing is denoised.
    return max(1.0, work)
