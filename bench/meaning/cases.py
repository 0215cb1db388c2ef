"""Cases of a mode, drawn together by one engine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.request import Request
from core.stages import Decode, Denoise, EncodeText, Stage
from models.engine.api import ImageTask
from models.engine.engine import Engine
from models.starter.scenes import SIDE

#: Cases under way at a time: as many as share a call.
_TOGETHER = 8

Draw = Callable[..., list[Image.Image]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One seeded question to a mode."""

    name: str
    #: Draws what it needs with `draw(task, ...)`, and says whether the mode did what it should. It asserts
    #: what must hold in every case, such as bits that stay.
    holds: Callable[[Draw], bool]


def failing(engine: Engine, cases: Sequence[Case]) -> list[str]:
    """Names of the cases that do not hold."""

    def draw(*tasks: ImageTask) -> list[Image.Image]:
        return [future.result().image for future in [engine.submit(task) for task in tasks]]

    with ThreadPoolExecutor(_TOGETHER) as pool:
        verdicts = list(pool.map(lambda case: case.holds(draw), cases))
    return [case.name for case, held in zip(cases, verdicts, strict=True) if not held]


def denoise(**options: Any) -> Denoise:
    """A denoise stage of the starter model: few steps of a good sampler."""
    usual: dict[str, Any] = {
        "sampler": "DPM++ 2M",
        "schedule": "normal",
        "steps": 10,
        "guidance_scale": 4.0,
        "width": SIDE,
        "height": SIDE,
    }
    return Denoise(**{**usual, **options})


def order(prompt: str, seed: int, *stages: Stage, negative: str = "") -> Request:
    """A request of the starter model: the text, the stages (a denoise stage unless told), a decode."""
    text = EncodeText(prompt=prompt, negative_prompt=negative)
    return Request(model="starter", seed=seed, stages=(text, *(stages or (denoise(), Decode()))))


def named(picture: Image.Image) -> str:
    """A name for a picture that a task brings along."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def values(picture: Image.Image) -> NDArray[np.float64]:
    """(height, width, 3), 0..255."""
    return np.asarray(picture, np.float64)


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of the 8-bit values."""
    return float(np.abs(values(one) - values(other)).mean())
