"""Each mode of the engine against the stock pipeline of diffusers, one picture at a time, interleaved.

    OMP_NUM_THREADS=1 python -m bench.modes [--json] [--rounds 7]

On the starter model, at its own size. Each round makes the same picture with both sides, in changing order;
what is told is the median of the rounds' quotients. Time is the processor's: with one busy thread that is the
time of a free machine, and what else runs here does not count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

# Two threads that spin against each other cost more than either gains; and nothing here needs the network.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

from PIL import Image

from bench.adapters import swap_over_reload
from bench.figures import Figure, report
from core.request import Request
from core.settings import STARTER_MODEL_DIR
from core.stages import ResizeLatents, Variation
from tests.engine.stock import Stock, given, make_picture_request, make_request

_GOAL = 1.05
_SIDE = 128
_LARGE = {"width": 2 * _SIDE, "height": 2 * _SIDE}


@dataclass(frozen=True, kw_only=True)
class Mode:
    """One way to make a picture."""

    name: str
    request: Request
    #: The stock pipeline's own way.
    stock: Callable[[Stock, Request, Mapping[str, Image.Image]], Any]


def _plainly(stock: Stock, request: Request, inputs: Mapping[str, Image.Image]) -> Any:
    return stock.make(request, inputs=inputs)


def _wrapping(stock: Stock, request: Request, inputs: Mapping[str, Image.Image]) -> Any:
    """Tiling, as people patch the pipeline for it."""
    from models.engine.tiling import circular

    with circular(stock.text.unet, True), circular(stock.text.vae, True):
        return stock.make(request, inputs=inputs)


def _in_two_passes(stock: Stock, request: Request, _inputs: Mapping[str, Image.Image]) -> Any:
    """Hires fix over latents."""
    from torch import Generator
    from torch.nn.functional import interpolate

    generator = Generator().manual_seed(request.seed)
    text, first, *_, decode = request.stages
    small = replace(request, stages=(text, first, decode))
    latents = stock.make(small, generator=generator, output_type="latent")[None]
    larger = interpolate(latents, scale_factor=2, mode="bilinear", align_corners=False)
    return stock.make(request, generator=generator, image=larger)


def modes() -> list[Mode]:
    size = {"width": _SIDE, "height": _SIDE}
    text = make_request(steps=10, **size)
    words, stage, decode = text.stages
    again = replace(stage, strength=0.5, **_LARGE)
    hires = replace(text, stages=(words, stage, ResizeLatents(**_LARGE), again, decode))
    varied = make_request(steps=10, variation=Variation(seed=1, strength=0.1), **size)
    image, masked = (make_picture_request(steps=20, masked=with_mask, **size) for with_mask in (False, True))
    return [
        Mode(name="text to image", request=text, stock=_plainly),
        Mode(name="image to image", request=image, stock=_plainly),
        Mode(name="inpainting", request=masked, stock=_plainly),
        Mode(name="hires fix", request=hires, stock=_in_two_passes),
        Mode(name="variation", request=varied, stock=_plainly),
        Mode(name="tiling", request=make_request(steps=10, tiling=True, **size), stock=_wrapping),
        Mode(name="DPM++ SDE", request=make_request(steps=6, sampler="DPM++ SDE", **size), stock=_plainly),
        Mode(
            name="few steps, no guidance",
            request=make_request(steps=4, sampler="LCM", guidance_scale=1.0, **size),
            stock=_plainly,
        ),
    ]


def measure(rounds: int) -> list[Figure]:
    from models.catalogue import find_models
    from models.engine.api import ImageTask
    from models.engine.engine import Engine

    (model,) = find_models([STARTER_MODEL_DIR])
    engine, stock, inputs = Engine([model], device="cpu"), Stock(model.path), given(_SIDE, _SIDE)

    def quotient(mode: Mode, ours_first: bool) -> float:
        request = replace(mode.request, model=model.spec.name)
        sides = {
            "ours": lambda: engine.submit(ImageTask(request=request, inputs=inputs)).result(),
            "stock": lambda: mode.stock(stock, request, inputs),
        }
        order = list(sides) if ours_first else list(reversed(sides))
        seconds = {name: _seconds(sides[name]) for name in order}
        return seconds["ours"] / seconds["stock"]

    figures = []
    for mode in modes():
        quotient(mode, True)  # the first time compiles, caches and proves
        value = statistics.median(quotient(mode, number % 2 == 0) for number in range(rounds))
        figures.append(Figure(name=mode.name, value=value, unit="x", goal=_GOAL, better="lower"))
    engine.close()
    return [*figures, swap_over_reload(model, rounds)]


def _seconds(action: Callable[[], object]) -> float:
    started = time.process_time()
    action()
    return time.process_time() - started


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.modes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7, help="pictures of each mode and side (default 7)")
    arguments = parser.parse_args()
    return report(measure(arguments.rounds), as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
