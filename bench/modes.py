"""Each mode of the engine against the stock pipeline of diffusers, one picture at a time, interleaved.

    OMP_NUM_THREADS=1 python -m bench.modes [--json] [--rounds 7]

On the starter model, at its own size; refiner and latent upscaler are tiny ones of random weights. Each round
makes the same picture with both sides, in changing order; what is told is the median of their quotients.
Time is the processor's: with one busy thread that is the time of a free machine, and what else runs here does
not count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

# Two threads that spin against each other cost more than either gains; and nothing here needs the network.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

from PIL import Image

from bench.adapters import swap_over_reload
from bench.figures import Figure, report
from bench.guided_modes import guided_modes
from bench.mode import Mode
from core.request import Request
from core.settings import STARTER_MODEL_DIR
from core.stages import ResizeLatents, Variation
from tests.engine.stock import Stock, given, make_picture_request, make_request

if TYPE_CHECKING:
    from models.catalogue import LocalModel
    from models.engine.engine import Engine

#: A stock pipeline's own way to make a request of pictures by their SHA-256.
Way = Callable[[Stock, Request, Mapping[str, Image.Image]], Any]

_GOAL = 1.05
_SIDE = 128
_LARGE = {"width": 2 * _SIDE, "height": 2 * _SIDE}


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


def plain_modes(model: LocalModel, stock: Stock) -> list[Mode]:
    """Those that need nothing but a model."""
    size = {"width": _SIDE, "height": _SIDE}
    text = make_request(steps=10, **size)
    words, stage, decode = text.stages
    again = replace(stage, strength=0.5, **_LARGE)
    hires = replace(text, stages=(words, stage, ResizeLatents(**_LARGE), again, decode))
    varied = make_request(steps=10, variation=Variation(seed=1, strength=0.1), **size)
    image, masked = (make_picture_request(steps=20, masked=with_mask, **size) for with_mask in (False, True))
    quick = make_request(steps=4, sampler="LCM", guidance_scale=1.0, **size)
    inputs = given(_SIDE, _SIDE)
    ways: list[tuple[str, Request, Way]] = [
        ("text to image", text, _plainly),
        ("image to image", image, _plainly),
        ("inpainting", masked, _plainly),
        ("hires fix", hires, _in_two_passes),
        ("variation", varied, _plainly),
        ("tiling", make_request(steps=10, tiling=True, **size), _wrapping),
        ("DPM++ SDE", make_request(steps=6, sampler="DPM++ SDE", **size), _plainly),
        ("few steps, no guidance", quick, _plainly),
    ]
    return [
        Mode(
            name=name,
            request=replace(request, model=model.spec.name),
            inputs=inputs,
            stock=partial(way, stock, request, inputs),
        )
        for name, request, way in ways
    ]


def measure(rounds: int) -> list[Figure]:
    from models.addons import find_addons
    from models.catalogue import find_models
    from models.engine.engine import Engine

    (model,) = find_models([STARTER_MODEL_DIR])
    stock = Stock(model.path)
    with TemporaryDirectory() as name:
        folder = Path(name)
        modes = [*plain_modes(model, stock), *guided_modes(model, stock, folder)]
        engine = Engine(
            [model, *find_models([folder])], device="cpu", addons=find_addons([STARTER_MODEL_DIR])
        )
        figures = [_figure(engine, mode, rounds) for mode in modes]
        engine.close()
    return [*figures, swap_over_reload(model, rounds)]


def _figure(engine: Engine, mode: Mode, rounds: int) -> Figure:
    from models.engine.api import ImageTask

    task = ImageTask(request=mode.request, inputs=mode.inputs)
    sides = {"ours": lambda: engine.submit(task).result(), "stock": mode.stock}

    def quotient(order: Iterable[str]) -> float:
        seconds = {name: _seconds(sides[name]) for name in order}
        return seconds["ours"] / seconds["stock"]

    quotient(sides)  # the first time compiles, caches and proves
    orders = (list(sides), list(reversed(sides)))
    value = statistics.median(quotient(orders[number % 2]) for number in range(rounds))
    return Figure(name=mode.name, value=value, unit="x", goal=_GOAL, better="lower")


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
