"""Outpainting: the picture stays bit for bit, and around it its background goes on."""

from __future__ import annotations

from random import Random

import numpy as np

from bench.meaning.cases import Case, Draw, denoise, named, order
from core.canvas import zoomed_out
from core.model_spec import ModelSpec
from core.settings import STARTER_MODEL_DIR
from core.stages import Composite, Decode, EncodeImage
from models.catalogue import find_models
from models.engine.api import ImageTask
from models.starter.checker import see
from models.starter.grammar import describe
from models.starter.renderer import draw as render
from models.starter.scenes import SIDE, one_thing

TITLE = "outpainting goes on with the background, and leaves the picture"
GOAL = 0.9

#: The view becomes so many times as wide.
_FACTOR = 1.5


def cases(count: int) -> list[Case]:
    (starter,) = find_models([STARTER_MODEL_DIR])
    return [_case(seed, starter.spec) for seed in range(count)]


def _case(seed: int, spec: ModelSpec) -> Case:
    chance = Random(seed)
    scene = one_thing(chance, style="flat")
    canvas, prompt = zoomed_out(render(scene), _FACTOR, spec), describe(scene, chance)
    pictures = (canvas.image, canvas.mask, canvas.change)
    image, mask, change = map(named, pictures)
    request = order(
        prompt,
        seed,
        EncodeImage(image=image, width=SIDE, height=SIDE),
        denoise(strength=1.0, mask=mask, steps=16),
        Decode(),
        Composite(image=image, mask=change),
    )

    def holds(draw: Draw) -> bool:
        inputs = dict(zip((image, mask, change), pictures, strict=True))
        (picture,) = draw(ImageTask(request=request, inputs=inputs))
        kept = np.asarray(canvas.change) == 0
        assert np.array_equal(np.asarray(picture)[kept], np.asarray(canvas.image)[kept])
        # The checker looks for the background along the border, which is all new.
        return see(picture).background == scene.background

    return Case(name=f"{prompt} ({seed})", holds=holds)
