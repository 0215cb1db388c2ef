"""Words and scenes agree in both directions, and what is held out stays out."""

from __future__ import annotations

from random import Random

import pytest

from models.starter import grammar
from models.starter.scenes import (
    HELD_OUT_PAIRS,
    SIDE,
    Scene,
    Thing,
    one_thing,
    related_things,
    several_things,
)

MAKERS = (one_thing, several_things, related_things)


@pytest.mark.parametrize("group", grammar.GROUPS)
def test_every_prompt_is_read_back_as_its_scene(group: str) -> None:
    rng = Random(group)
    for _ in range(500):
        prompt, scene = grammar.random_prompt(rng, group)
        assert grammar.scene_of(prompt) == scene, prompt


@pytest.mark.parametrize("make", MAKERS)
def test_training_scenes_hold_no_held_out_pair_and_stay_in_the_picture(make) -> None:
    rng = Random(1)
    for _ in range(2000):
        scene = make(rng)
        assert not {(t.colour, t.shape) for t in scene.things} & HELD_OUT_PAIRS
        assert scene.background not in {t.colour for t in scene.things}
        for place in scene.places:
            assert min(place.left, place.top) >= 0
            assert max(place.left, place.top) + place.size <= SIDE


def test_training_captions_never_use_a_held_out_phrasing() -> None:
    rng = Random(2)
    captions = [grammar.caption(rng.choice(MAKERS)(rng), rng) for _ in range(5000)]
    held_out = ("on a {} backdrop", "against a {} background", "{} background with")
    for background in ("red", "blue", "gray", "white", "black", "green", "pink", "yellow"):
        for frame in held_out:
            assert not any(frame.format(background) in caption for caption in captions)
    empty = sum(caption == "" for caption in captions) / len(captions)
    assert 0.08 < empty < 0.12


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("a red star", Scene(None, (Thing("star", "red"),))),
        ("Blue background, an outlined red circle", Scene("blue", (Thing("circle", "red", "outlined"),))),
        ("a blue heart on a blue background", Scene("blue", (Thing("heart", "blue"),))),
        ("3 teal crosses with a gray background", Scene("gray", (Thing("cross", "teal"),) * 3)),
        (
            "a pink moon over a white diamond",
            Scene(None, (Thing("moon", "pink"), Thing("diamond", "white")), "above"),
        ),
    ],
)
def test_known_prompts(prompt: str, scene: Scene) -> None:
    assert grammar.scene_of(prompt) == scene


@pytest.mark.parametrize(
    "prompt", ["", "a fox in the snow", "a red star and a bicycle", "blue background", "two stars", "red"]
)
def test_prompts_of_another_language_have_no_scene(prompt: str) -> None:
    assert grammar.scene_of(prompt) is None


def test_demo_prompts_are_understood() -> None:
    rng = Random(4)
    assert all(grammar.scene_of(grammar.demo_prompt(rng)) for _ in range(200))
