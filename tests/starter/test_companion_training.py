"""What the companions learn from: line drawings, enlargements, new words, questions about pictures."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from bench.starter_companions import enlarged, lime, quartered
from models.starter import diffusion, text
from models.starter.checker import TAUGHT, check
from models.starter.companions import adapter, edges, embedding, upscaler, vision
from models.starter.companions.controlnet import colour_prompt
from models.starter.grammar import GROUPS, TRAITS, scene_for, traits_seen
from models.starter.renderer import draw, pixels
from models.starter.scenes import COLOURS, SHAPES, Place, Scene, Thing, one_thing


def test_a_larger_drawing_is_the_same_drawing() -> None:
    for group in GROUPS:
        scene = scene_for(Random(group), group)
        small = cv2.resize(pixels(scene, 2), (128, 128), interpolation=cv2.INTER_AREA)
        assert np.abs(small.astype(int) - pixels(scene)).mean() < 0.3


def test_edges_agree_with_themselves_and_with_nothing_else() -> None:
    star, circle = (
        edges.canny(pixels(Scene("gray", (Thing(shape, "red"),), None, (Place(32, 32, 64),))))
        for shape in ("star", "circle")
    )
    assert edges.edge_overlap(star, star) == 1.0
    assert edges.edge_overlap(star, np.roll(star, 1, axis=1)) > 0.8
    assert edges.edge_overlap(star, circle) < 0.25
    assert edges.edge_overlap(star, np.zeros_like(star)) == 0.0


def test_a_scribble_follows_the_outline() -> None:
    for i in range(20):
        picture = pixels(one_thing(Random(i)))
        drawn, outline = edges.scribble(picture, Random(i)) > 0, edges.scribble(picture, Random(i + 99)) > 0
        near = cv2.dilate(outline.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        assert drawn.sum() > 200
        assert (drawn & near).sum() > 0.9 * drawn.sum()


def test_a_colour_prompt_tells_no_shape() -> None:
    for i in range(200):
        said = colour_prompt(scene_for(Random(i), GROUPS[i % len(GROUPS)]), Random(i))
        assert any(colour in said for colour in COLOURS) or "background" in said
        assert not any(shape in said for shape in SHAPES)


def test_the_upscaler_begins_as_bilinear_interpolation() -> None:
    net, picture = upscaler.build(), torch.rand(1, 3, 16, 16)
    wide = nn.functional.interpolate(picture, scale_factor=2, mode="bilinear")
    assert torch.allclose(net(picture)[..., 2:-2, 2:-2], wide[..., 2:-2, 2:-2], atol=1e-5)
    assert enlarged(net, pixels(one_thing(Random(1)))).shape == (256, 256, 3)


@pytest.mark.parametrize("say", [quartered, lime])
def test_the_checker_tells_the_new_words_from_the_old(say) -> None:
    for i in range(12):
        scene = say(Random(i))[1]
        assert check(draw(scene), scene, TAUGHT).ok
        assert not check(draw(scene), scene).ok


def test_the_prompt_of_the_new_colour_has_its_token() -> None:
    for i in range(100):
        said = embedding.prompt_of(embedding.scene_of(Random(i)), Random(i))
        assert embedding.TOKEN in said
        assert said.count(embedding.COLOUR) == 1


def test_only_the_placeholder_s_own_vectors_learn() -> None:
    frozen = nn.Embedding(5, 3).requires_grad_(False)
    placeholder = embedding.Placeholder(frozen, first=5, like=2, count=2)
    said = placeholder(torch.tensor([[1, 6, 2]]))
    assert torch.equal(said[0, 1], frozen.weight[2])
    assert torch.equal(said[0, 0], frozen.weight[1])
    assert [name for name, p in placeholder.named_parameters() if p.requires_grad] == ["vectors"]


def test_a_picture_is_asked_for_the_left_thing_first() -> None:
    cross, moon = Thing("cross", "red"), Thing("moon", "blue")
    said = traits_seen(Scene("gray", (cross, moon), "right"))
    assert said == traits_seen(Scene("gray", (moon, cross), "left"))
    answers = {trait: TRAITS[trait][number] for trait, number in zip(TRAITS, said, strict=True)}
    assert (answers["relation"], answers["shape"], answers["second shape"]) == ("left", "moon", "cross")


def test_the_image_encoder_sees_what_clip_s_processor_shows_it() -> None:
    from transformers import CLIPImageProcessor

    picture = pixels(one_thing(Random(3)))
    shown = CLIPImageProcessor(size=vision.SIDE, crop_size=vision.SIDE)(
        draw(one_thing(Random(3))), return_tensors="pt"
    )
    assert float((shown.pixel_values - vision.tensor_of([picture])).abs().mean()) < 0.05


@torch.no_grad()
def test_the_adapter_begins_as_the_tokens_it_is_given() -> None:
    linear, norm = nn.Linear(text.WIDTH, adapter.TOKENS * text.WIDTH), nn.LayerNorm(text.WIDTH)
    norm.weight.normal_()
    norm.bias.normal_()
    parts = adapter.adapt(diffusion.build_unet(), linear, norm)
    seen = torch.randn(2, text.WIDTH)
    (tokens,) = parts["image_proj"]([seen[:, None]])
    said = norm(linear(seen).view(2, adapter.TOKENS, text.WIDTH))
    assert torch.allclose(tokens.reshape(said.shape), said, atol=1e-5)
