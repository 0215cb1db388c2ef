"""Pictures of the shipped model by the engine, and what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image

from core.request import Request
from core.settings import STARTER_MODEL_DIR
from core.stages import Decode, Denoise, EncodeText
from models.starter.checker import Seen
from models.starter.scenes import COLOURS, SIDE

#: Requests to pictures, in order.
Draw = Callable[[Sequence[Request]], list[Image.Image]]

#: Fewer than the model's default: enough for every claim, and quick.
STEPS = 16


@contextmanager
def drawing() -> Iterator[Draw]:
    """The shipped model in an engine of its own, on the processor."""
    from models.catalogue import find_models
    from models.engine.api import ImageTask
    from models.engine.engine import Engine

    engine = Engine(find_models([STARTER_MODEL_DIR]), device="cpu")

    def draw(requests: Sequence[Request]) -> list[Image.Image]:
        images = [engine.submit(ImageTask(request=request)) for request in requests]
        return [image.result().image for image in images]

    try:
        yield draw
    finally:
        engine.close()


def text_to_image(prompt: str, seed: int, *, negative: str = "") -> Request:
    denoise = Denoise(
        sampler="DDIM", schedule="normal", steps=STEPS, guidance_scale=4.0, width=SIDE, height=SIDE
    )
    stages = (EncodeText(prompt=prompt, negative_prompt=negative), denoise, Decode())
    return Request(model="starter", seed=seed, stages=stages)


def colour_of(seen: Seen) -> str | None:
    """Colour of the one thing in the picture; None where there are more or none."""
    return seen.sights[0].thing.colour if len(seen.sights) == 1 else None


def leaning(image: Image.Image, towards: str, away_from: str) -> float:
    """How much nearer the middle of the picture is to one colour than to the other, in RGB."""
    half = SIDE // 8
    middle = np.asarray(image.convert("RGB"), float)[
        SIDE // 2 - half : SIDE // 2 + half, SIDE // 2 - half : SIDE // 2 + half
    ]
    far, near = (np.linalg.norm(middle - COLOURS[name], axis=-1).mean() for name in (away_from, towards))
    return float(far - near)
