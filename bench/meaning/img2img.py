"""Image to image: the weaker it is, the more of the source remains."""

from __future__ import annotations

from random import Random

from bench.meaning.cases import Case, Draw, denoise, distance, named, order
from core.stages import Decode, EncodeImage
from models.engine.api import ImageTask
from models.starter.grammar import describe
from models.starter.renderer import draw as render
from models.starter.scenes import SIDE, one_thing

TITLE = "img2img keeps more of the source the weaker it is"
GOAL = 0.9

_STRENGTHS = (0.0, 0.2, 0.4, 0.7)
#: More than that drives even weak steps away from a source that the words contradict.
_GUIDANCE = 2.0
#: Enough that the weakest strength has four.
_STEPS = 20


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    """A drawn scene, and the words of another one."""
    chance = Random(seed)
    source, prompt = render(one_thing(chance)), describe(one_thing(chance), chance)
    encode = EncodeImage(image=named(source), width=SIDE, height=SIDE)
    stages = [denoise(strength=strength, guidance_scale=_GUIDANCE, steps=_STEPS) for strength in _STRENGTHS]

    def holds(draw: Draw) -> bool:
        pictures = draw(
            *(
                ImageTask(
                    request=order(prompt, seed, encode, stage, Decode()), inputs={named(source): source}
                )
                for stage in stages
            )
        )
        distances = [distance(picture, source) for picture in pictures]
        assert distances[0] == 0
        return distances == sorted(set(distances))

    return Case(name=f"{prompt} ({seed})", holds=holds)
