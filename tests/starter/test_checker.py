"""The checker is a ruler: it must read true pictures, refuse wrong ones, and not be fooled by noise."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageFilter

from models.starter.checker import check, see
from models.starter.grammar import GROUPS, scene_for
from models.starter.renderer import draw, pixels
from models.starter.scenes import BACKGROUNDS, COLOURS, SHAPES, STYLES, Scene, Thing, one_thing


def _wrong(scene: Scene, rng: Random) -> list[Scene]:
    """Scenes that differ from `scene` in one respect each."""
    first, *rest = scene.things

    def other(words: tuple[str, ...], word: str) -> str:
        return rng.choice([w for w in words if w != word])

    changed = [
        replace(first, shape=other(SHAPES, first.shape)),
        replace(first, colour=other(tuple(COLOURS), first.colour)),
        replace(first, style=other(STYLES, first.style)),
    ]
    wrong = [replace(scene, things=(thing, *rest)) for thing in changed]
    wrong.append(replace(scene, background=other(tuple(BACKGROUNDS), scene.background or "")))
    wrong.append(replace(scene, things=(first, *rest, first)))
    if scene.relation:
        opposite = {"left": "right", "right": "left", "above": "below", "below": "above"}
        wrong += [replace(scene, relation=r) for r in opposite if r != scene.relation]
        wrong.append(replace(scene, things=scene.things[::-1]))
    return wrong


@pytest.mark.parametrize("group", GROUPS)
def test_reads_true_pictures_and_refuses_wrong_ones(group: str) -> None:
    rng = Random(group)
    scenes = [scene_for(rng, group) for _ in range(30)]
    assert sum(check(draw(scene), scene).ok for scene in scenes) >= 29
    for scene in scenes[:6]:
        image = draw(scene)
        for wrong in _wrong(scene, rng):
            assert not check(image, wrong).ok, (scene, wrong)


def test_says_what_is_wrong() -> None:
    scene = one_thing(Random(5), "flat")
    verdict = check(draw(scene), replace(scene, things=scene.things * 2))
    assert "there are 1 things, not 2" in verdict.problems


def test_is_not_fooled_by_noise() -> None:
    dice = np.random.default_rng(1)
    for _ in range(30):
        static = dice.integers(0, 256, (128, 128, 3), np.uint8)
        blobs = Image.fromarray(static).filter(ImageFilter.GaussianBlur(6))
        seen = [see(Image.fromarray(static)), see(blobs)]
        assert all(found.oddities for found in seen)


def test_refuses_a_picture_under_heavy_noise_and_bears_a_little() -> None:
    dice = np.random.default_rng(2)
    rng = Random(6)
    scenes = [one_thing(rng) for _ in range(20)]
    verdicts = {}
    for strength in (3, 60):
        noisy = [pixels(s) + dice.normal(0, strength, (128, 128, 3)) for s in scenes]
        images = [Image.fromarray(np.clip(n, 0, 255).astype(np.uint8)) for n in noisy]
        verdicts[strength] = sum(check(i, s).ok for i, s in zip(images, scenes, strict=True))
    assert verdicts[3] >= 19
    assert verdicts[60] == 0


def test_refuses_blots_and_halves() -> None:
    scene = next(s for s in (one_thing(Random(i), "flat") for i in range(99)) if s.things[0].shape == "heart")
    place = scene.places[0]
    half = pixels(scene).copy()
    half[:, place.left + place.size // 2 :] = half[:1, :1]
    blot = pixels(scene).copy()
    blot[2:16, 2:16] = (0, 255, 0)
    assert not check(Image.fromarray(half), scene).ok
    assert not check(Image.fromarray(blot), scene).ok


def test_an_empty_picture_shows_no_thing() -> None:
    for background in BACKGROUNDS:
        empty = Scene(background, ())
        assert check(draw(empty), empty).ok
        assert not check(draw(empty), Scene(background, (Thing("star", "red"),))).ok


def test_larger_pictures_are_read_too() -> None:
    scene = one_thing(Random(9), "flat")
    assert check(draw(scene).resize((256, 256)), scene).ok
