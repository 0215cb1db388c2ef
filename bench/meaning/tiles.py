"""Upscaling in detail: tiles that overlap leave no seam, where tiles that do not leave one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
from PIL import Image

from bench.meaning.cases import Case, Draw, denoise, distance, named, order, values
from core.options.upscale import STRENGTH, in_tiles
from core.stages import Decode, DenoiseTiles, EncodeImage, LoadImage, Upscale
from models.engine.api import ImageTask
from models.starter.checker import see
from models.starter.grammar import describe, scene_for
from models.starter.renderer import draw as render
from models.starter.scenes import SIDE

TITLE = "overlapping tiles redraw a picture twice its size without seams"
GOAL = 0.85

_LARGE = {"width": 2 * SIDE, "height": 2 * SIDE}
#: Steps in 8-bit values along the borders of tiles: what nobody sees, and what is seen.
_SEAMLESS, _SEAM = 1.0, 1.5
#: Where the given picture changes less than this from pixel to pixel, it is flat.
_FLAT = 3.0
#: Mean difference of 8-bit values to the given picture; unrelated pictures lie at 40 and more.
_NEAR = 20.0


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    chance = Random(seed)
    scene = scene_for(chance, "one object, flat")
    source, prompt = render(scene), describe(scene, chance)
    ours = in_tiles(denoise(guidance_scale=1.0, **_LARGE), STRENGTH, SIDE)
    apart = replace(ours, overlap=0)

    def holds(draw: Draw) -> bool:
        picture, patched = draw(*(_task(source, prompt, seed, stage) for stage in (ours, apart)))
        seamless = _step(picture, source, _borders(ours)) <= _SEAMLESS
        control = _step(patched, source, _borders(apart)) >= _SEAM
        small = picture.resize(source.size, Image.Resampling.BOX)
        kept = distance(small, source) < _NEAR and _colours(small) == _colours(source)
        return picture.size == (2 * SIDE, 2 * SIDE) and seamless and control and kept

    return Case(name=f"{prompt} ({seed})", holds=holds)


def _task(source: Image.Image, prompt: str, seed: int, tiles: DenoiseTiles) -> ImageTask:
    load = LoadImage(image=named(source), width=SIDE, height=SIDE)
    enlarge = Upscale(upscaler="starter-2x", scale=2), EncodeImage(image=None, **_LARGE)
    return ImageTask(
        request=order(prompt, seed, load, *enlarge, tiles, Decode()), inputs={named(source): source}
    )


def _borders(tiles: DenoiseTiles) -> list[int]:
    """Where tiles begin or end inside the picture; pixels from its edge."""
    starts = tiles.starts(2 * SIDE)
    return sorted({*starts, *(start + SIDE for start in starts)} - {0, 2 * SIDE})


def _step(picture: Image.Image, source: Image.Image, borders: Sequence[int]) -> float:
    """The largest step across a border, in 8-bit values: the median over where the source is flat.

    A seam goes along all of its border and in one direction; what is drawn there does neither.
    """
    pixels, given = values(picture), values(source.resize(picture.size, Image.Resampling.NEAREST))
    steps = []
    for across in (pixels, given), (pixels.swapaxes(0, 1), given.swapaxes(0, 1)):
        drawn, true = across
        for border in borders:
            nearby = true[border - 4 : border + 4]
            flat = np.ptp(nearby, axis=0).max(axis=-1) < _FLAT
            step = np.median((drawn[border] - drawn[border - 1])[flat], axis=0) if flat.any() else np.zeros(3)
            steps.append(float(np.abs(step).max()))
    return max(steps)


def _colours(picture: Image.Image) -> set[str]:
    sights = see(picture)
    return {sights.background, *(sight.thing.colour for sight in sights.sights)}
