"""Recipes and the files that carry them."""

from __future__ import annotations

import io
import json
from dataclasses import fields, replace

import pytest
from PIL import Image

from core.errors import BadOption
from core.png import encode_png, read_recipe
from core.recipe import Fingerprint, Recipe, drift, parameters_text
from core.request import Request
from core.stages import LoadImage, Upscale
from tests.engine.stock import make_request


def _recipe(prompt: str = 'a "red" circle, blue: sky') -> Recipe:
    return Recipe(
        request=make_request(prompt, negative="gray", sampler="DPM++ 2M", schedule="karras", steps=20),
        image_index=0,
        seed=7,
        model="tiny",
        weights_hash="0123456789abcdef",
        widths=(((1, 3), (8, 17)),),
        fingerprint=Fingerprint(
            device="cpu",
            hardware="a processor",
            dtype="float32",
            threads=1,
            torch="2",
            diffusers="0",
            transformers="5",
            pillow="13",
            exact=True,
        ),
    )


def _image() -> Image.Image:
    return Image.linear_gradient("L").resize((32, 24)).convert("RGB")


def test_json_both_ways() -> None:
    recipe = _recipe()
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_unknown_version_is_refused() -> None:
    with pytest.raises(BadOption, match="recipe version"):
        Recipe.from_json({**_recipe().to_json(), "version": 99})


def test_an_equal_recipe_promises_equal_bytes() -> None:
    assert drift(_recipe(), _recipe()) is None


@pytest.mark.parametrize("part", [part.name for part in fields(Fingerprint)])
def test_whatever_part_of_a_fingerprint_changed_is_told(part: str) -> None:
    original = _recipe()
    value = getattr(original.fingerprint, part)
    changed = replace(original.fingerprint, **{part: not value if part == "exact" else f"other {value}"})
    again = replace(original, fingerprint=changed)
    for told in (drift(original, again), drift(again, original)):
        assert told is not None
        assert told.startswith("Near-exact: ")


def test_other_weights_are_another_picture() -> None:
    told = drift(_recipe(), replace(_recipe(), weights_hash="fedcba9876543210"))
    assert told is not None
    assert told.startswith("Not an exact rerun")


def test_parameters_as_a1111_users_know_them() -> None:
    assert parameters_text(_recipe()) == (
        'a "red" circle, blue: sky\n'
        "Negative prompt: gray\n"
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 7, Size: 32x32, "
        "Model hash: 0123456789, Model: tiny, Version: Atelier"
    )


def test_parameters_of_what_was_upscaled_alone() -> None:
    stages = (LoadImage(image="a" * 64, width=32, height=24), Upscale(upscaler="any-4x", scale=2))
    recipe = replace(_recipe(), request=Request(model="tiny", seed=7, stages=stages), widths=())
    assert parameters_text(recipe) == (
        "Seed: 7, Size: 64x48, Model hash: 0123456789, Model: tiny, Postprocess upscale by: 2, "
        "Postprocess upscaler: any-4x, Version: Atelier"
    )
    assert read_recipe(encode_png(_image(), recipe)) == recipe


@pytest.mark.parametrize("prompt", ["a circle", "ein Körnchen, 星, 🌟", "many words " * 300, ""])
def test_png_carries_its_recipe(prompt: str) -> None:
    recipe = _recipe(prompt)
    png = encode_png(_image(), recipe)
    assert read_recipe(png) == recipe
    with Image.open(io.BytesIO(png)) as opened:
        assert opened.text["parameters"] == parameters_text(recipe)
        assert opened.convert("RGB").tobytes() == _image().tobytes()


def test_equal_bytes_for_equal_pixels_and_recipe() -> None:
    assert encode_png(_image(), _recipe()) == encode_png(_image().copy(), _recipe())
    assert encode_png(_image(), _recipe()) != encode_png(_image(), _recipe("another"))


def test_files_without_a_readable_recipe() -> None:
    buffer = io.BytesIO()
    _image().save(buffer, "PNG")
    png = encode_png(_image(), _recipe())
    for data in (
        buffer.getvalue(),
        b"",
        b"no picture",
        png[:60],
        png.replace(b'"version":1', b'"version":9'),
    ):
        assert read_recipe(data) is None
