"""The engine against a serial loop over the stock `StableDiffusionPipeline`, interleaved in one process.

    OMP_NUM_THREADS=1 python -m bench.engine [--json] [--rounds 5]

A tiny UNet on 4x4 latents stands for what a big graphics card sees at ordinary sizes: starting the kernels
costs more than running them. Both sides get the same 48 requests of mixed prompts, seeds, steps, guidance and
samplers.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

# Two threads that spin against each other cost more than either gains; and nothing here needs the network.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

from bench.figures import Figure, report
from core.request import Request
from core.samplers import SAMPLERS
from core.stages import Decode, Denoise, EncodeText

_SIDE = 32  # pixels: 4x4 latents
_PROMPTS = (
    "a red circle",
    "two blue stars on a white field",
    "a green heart",
    "an outlined moon above a square",
)


def mixed_requests(count: int, seed: int = 1) -> list[Request]:
    """Requests that share nothing but the model and the size."""
    chance = random.Random(seed)
    return [_request(chance, number) for number in range(count)]


def _request(chance: random.Random, number: int) -> Request:
    sampler = chance.choice(list(SAMPLERS.values()))
    denoise = Denoise(
        sampler=sampler.name,
        schedule=chance.choice(sampler.schedules),
        steps=chance.randint(6, 24),
        guidance_scale=chance.choice((2.0, 5.0, 7.5)),
        width=_SIDE,
        height=_SIDE,
    )
    text = EncodeText(prompt=f"{chance.choice(_PROMPTS)}, number {number}", negative_prompt="")
    return Request(model="tiny", seed=chance.randrange(2**32), stages=(text, denoise, Decode()))


class Stock:
    """One request after the other through diffusers' own pipeline."""

    def __init__(self, folder: Path) -> None:
        from diffusers import StableDiffusionPipeline

        self._pipeline = StableDiffusionPipeline.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
        self._pipeline.set_progress_bar_config(disable=True)
        self._config = dict(self._pipeline.scheduler.config)

    def make(self, requests: Sequence[Request]) -> None:
        for request in requests:
            self._make_one(request)

    def _make_one(self, request: Request) -> None:
        import diffusers
        import torch

        from core.samplers import SCHEDULES

        denoise = request.denoise
        sampler = SAMPLERS[denoise.sampler]
        scheduler = getattr(diffusers, sampler.scheduler)
        options = {**sampler.config, **SCHEDULES[denoise.schedule].config}
        self._pipeline.scheduler = scheduler.from_config(self._config, **options)
        self._pipeline(
            request.text.prompt,
            width=denoise.width,
            height=denoise.height,
            num_inference_steps=denoise.steps,
            guidance_scale=denoise.guidance_scale,
            generator=torch.Generator().manual_seed(request.seed),
        )


class Ours:
    """All requests at once through the engine."""

    def __init__(self, folder: Path, max_width: int) -> None:
        from models.catalogue import find_models
        from models.engine.engine import Engine

        self._engine = Engine(find_models([folder.parent]), device="cpu", max_width=max_width)

    def make(self, requests: Sequence[Request]) -> None:
        from models.engine.api import ImageTask

        for image in [self._engine.submit(ImageTask(request=request)) for request in requests]:
            image.result()

    def close(self) -> None:
        self._engine.close()


def measure(rounds: int, max_width: int) -> list[Figure]:
    from models.tiny import build_tiny_model

    requests = mixed_requests(48)
    with tempfile.TemporaryDirectory() as directory:
        folder = build_tiny_model(Path(directory) / "tiny", channels=(32, 32), latent_side=_SIDE // 8)
        stock, ours = Stock(folder), Ours(folder, max_width)
        for side in (stock, ours):
            side.make(requests[:16])
    together = _interleaved(time.process_time, ours, stock, [requests], rounds)
    alone = _interleaved(time.perf_counter, ours, stock, [[request] for request in requests[:16]], rounds)
    ours.close()
    return _figures(together, alone, max_width, len(requests))


@dataclass(frozen=True, kw_only=True)
class Times:
    """Seconds that both sides took for the same requests."""

    ours: float
    stock: float


def _interleaved(
    clock: Callable[[], float], ours: Ours, stock: Stock, batches: Sequence[Sequence[Request]], rounds: int
) -> Times:
    """Each side's best time of all rounds for each batch, summed: what else runs here only ever adds.

    Long batches are measured in processor seconds, which with one busy thread are the seconds of a free
    machine: on a shared one the shorter side would more often find a quiet moment. Single requests, whose
    waiting for the other thread counts, are measured by the clock on the wall.
    """
    times = [
        [(_seconds(clock, ours.make, batch), _seconds(clock, stock.make, batch)) for batch in batches]
        for _ in range(rounds)
    ]
    best = [min(column) for pairs in zip(*times, strict=True) for column in zip(*pairs, strict=True)]
    return Times(ours=sum(best[0::2]), stock=sum(best[1::2]))


def _seconds(
    clock: Callable[[], float], make: Callable[[Sequence[Request]], None], requests: Sequence[Request]
) -> float:
    started = clock()
    make(requests)
    return clock() - started


def _figures(together: Times, alone: Times, max_width: int, count: int) -> list[Figure]:
    return [
        Figure(
            name=f"throughput against stock, width up to {max_width}",
            value=together.stock / together.ours,
            unit="x",
            goal=3.0,
            better="higher",
        ),
        Figure(
            name="time of one request alone against stock",
            value=alone.ours / alone.stock,
            unit="x",
            goal=1.05,
            better="lower",
        ),
        Figure(name="images a second", value=count / together.ours, unit="1/s", goal=None, better="higher"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="times that both sides make all 48 (default 5)")
    parser.add_argument("--max-width", type=int, default=8, choices=(1, 2, 4, 8, 16))
    arguments = parser.parse_args()
    return report(measure(arguments.rounds, arguments.max_width), as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
