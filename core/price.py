"""The price of an image in credits, known before it runs.

One credit is a standard image: 25 UNet calls on 512 x 512 pixels. Guidance doubles the work of a call, so one
without it counts half. Every image costs at least one credit.
"""

from __future__ import annotations

import math

from core.request import Request
from core.stages import Denoise

_STANDARD_WORK = 25 * 512 * 512


def image_price(request: Request) -> int:
    """Credits that one image of the request costs, at least 1."""
    work = sum(_work(stage) for stage in request.stages if isinstance(stage, Denoise))
    return max(1, math.ceil(work / _STANDARD_WORK))


def _work(stage: Denoise) -> float:
    share = 1.0 if stage.guidance_scale > 1 else 0.5
    return stage.unet_calls * stage.width * stage.height * share
