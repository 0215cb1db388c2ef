"""Recipes and the files that carry them."""

from __future__ import annotations

import io
import json
from dataclasses import fields, replace
from time import process_time

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from core.errors import BadOption
from core.guides import ControlUnit, Reference
from core.parameters import parameters_text, parse_parameters
from core.png import MAX_PARAMETERS, encode_png, read_parameters
from core.recipe import Fingerprint, Recipe, drift
from core.request import Request
from core.stages import Decode, EncodeText, LoadImage, ResizeLatents, Upscale, Variation
from tests.engine.stock import make_request
from tests.recipes import recipe_of


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


@pytest.mark.parametrize(
    ("weights", "told"),
    [("another+lora", "the model's weights"), ("model+another", "a LoRA or something else that was added"),
     ("model", "a LoRA or something else that was added")],
)  # fmt: skip
def test_other_weights_are_another_picture(weights: str, told: str) -> None:
    original = replace(_recipe(), weights_hash="model+lora")
    again = replace(original, weights_hash=weights)
    assert drift(original, again) == f"Not an exact rerun: changed since the original: {told}."


def test_all_that_changed_is_told_at_once() -> None:
    original = replace(_recipe(), weights_hash="model+lora")
    now = replace(original.fingerprint, hardware="another", torch="3", diffusers="1")
    again = replace(original, weights_hash="other+other", fingerprint=now)
    told = drift(original, again)
    assert told is not None
    for what in ("the model's weights", "a LoRA", "the hardware", "torch", "diffusers"):
        assert what in told


def test_parameters_as_a1111_users_know_them() -> None:
    assert parameters_text(_recipe()) == (
        'a "red" circle, blue: sky\n'
        "Negative prompt: gray\n"
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 7, Size: 32x32, "
        "Model hash: 0123456789, Model: tiny, Version: Atelier"
    )


def test_parameters_of_all_that_can_be_chosen() -> None:
    text = EncodeText(prompt="a fox", clip_skip=2)
    first = replace(
        _recipe().request.denoise,
        sampler="DDIM",
        schedule="normal",
        eta=0.5,
        noise_scale=0.9,
        tiling=True,
        variation=Variation(seed=40, strength=0.1),
        controls=(ControlUnit(model="edges", image="a" * 64, preprocessor="canny", scale=0.8, end=0.5),),
        references=(Reference(model="faces", images=("b" * 64,)),),
    )
    again = replace(first, strength=0.6, width=64, height=64, variation=None)
    stages = (text, first, ResizeLatents(width=64, height=64), again, Decode())
    request = Request(model="tiny", seed=7, stages=stages, count=4, vae="crisp")
    recipe = replace(_recipe(), request=request, image_index=2)
    read = parse_parameters(parameters_text(recipe))
    assert read.prompt == "a fox"
    assert read.settings == {
        "Steps": "20",
        "Sampler": "DDIM",
        "Schedule type": "Automatic",
        "CFG scale": "7",
        "Seed": "7",
        "Size": "32x32",
        "Model hash": "0123456789",
        "Model": "tiny",
        "VAE": "crisp",
        "Denoising strength": "0.6",
        "Clip skip": "2",
        "Variation seed": "42",
        "Variation seed strength": "0.1",
        "Eta DDIM": "0.5",
        "Sigma noise": "0.9",
        "Tiling": "True",
        "Hires upscale": "2",
        "Hires steps": "20",
        "Hires upscaler": "Latent",
        "ControlNet 0": "Module: canny, Model: edges, Weight: 0.8, Resize Mode: Crop and Resize, "
        "Threshold A: 100, Threshold B: 200, Guidance Start: 0, Guidance End: 0.5, Control Mode: Balanced",
        "ControlNet 1": "Module: ip-adapter, Model: faces, Weight: 0.6",
        "Version": "Atelier",
    }


def test_parameters_of_a_refined_picture() -> None:
    base = replace(_recipe().request.denoise, end=0.8)
    refined = replace(base, start=0.8, end=1.0, model="sdxl-refiner")
    request = replace(_recipe().request, stages=(EncodeText(prompt="a fox"), base, refined, Decode()))
    settings = parse_parameters(parameters_text(replace(_recipe(), request=request))).settings
    assert (settings["Refiner"], settings["Refiner switch at"]) == ("sdxl-refiner", "0.8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a fox,\nin snow\nNegative prompt: dull,\ngray\nSteps: 20, Sampler: Euler a, CFG scale: 7, "
            'Lora hashes: "ink: 12ab, wash: 34cd", Version: v1.9.4',
            ("a fox,\nin snow", "dull,\ngray", "Euler a", "ink: 12ab, wash: 34cd"),
        ),
        ("Negative prompt: dull\nSteps: 20, Sampler: Euler, CFG scale: 7", ("", "dull", "Euler", None)),
        ("a fox: red, and more", ("a fox: red, and more", "", None, None)),
        ("", ("", "", None, None)),
        ('a\nSteps: 1, CFG scale: 7, Size: "', ("a", "", None, None)),
    ],
)
def test_parameters_of_others_are_read(text: str, expected: tuple[str | None, ...]) -> None:
    read = parse_parameters(text)
    told = (read.prompt, read.negative, read.settings.get("Sampler"), read.settings.get("Lora hashes"))
    assert told == expected


@pytest.mark.parametrize(
    "part", ["a", " ", "a ", ",", ", ", "a: ", '\\"', 'a: "', ',a: "', ',a: "\\', "a: ,"]
)
def test_whatever_a_file_says_is_read_at_once(part: str) -> None:
    text = f"a fox\n{part * (MAX_PARAMETERS // len(part))}."
    before = process_time()
    parse_parameters(text)
    assert process_time() - before < 0.5


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_a_text_longer_than_any_honest_one_is_none(form: str) -> None:
    for length in (MAX_PARAMETERS, MAX_PARAMETERS + 1):
        info, exif, buffer = PngImagePlugin.PngInfo(), Image.Exif(), io.BytesIO()
        text = "a" * length
        info.add_text("parameters", text)
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"ASCII\0\0\0" + text.encode()
        _image().save(buffer, form, **({"pnginfo": info} if form == "PNG" else {"exif": exif}))
        assert read_parameters(buffer.getvalue()) == (text if length == MAX_PARAMETERS else None)


def test_parameters_of_what_was_upscaled_alone() -> None:
    stages = (LoadImage(image="a" * 64, width=32, height=24), Upscale(upscaler="any-4x", scale=2))
    recipe = replace(_recipe(), request=Request(model="tiny", seed=7, stages=stages), widths=())
    assert parameters_text(recipe) == (
        "Seed: 7, Size: 64x48, Model hash: 0123456789, Model: tiny, Postprocess upscale by: 2, "
        "Postprocess upscaler: any-4x, Version: Atelier"
    )
    assert recipe_of(encode_png(_image(), recipe)) == recipe


@pytest.mark.parametrize("prompt", ["a circle", "ein Körnchen, 星, 🌟", "many words " * 300, ""])
def test_png_carries_its_recipe(prompt: str) -> None:
    recipe = _recipe(prompt)
    png = encode_png(_image(), recipe)
    assert recipe_of(png) == recipe
    with Image.open(io.BytesIO(png)) as opened:
        assert opened.text["parameters"] == parameters_text(recipe)
        assert opened.convert("RGB").tobytes() == _image().tobytes()


def test_equal_bytes_for_equal_pixels_and_recipe() -> None:
    assert encode_png(_image(), _recipe()) == encode_png(_image().copy(), _recipe())
    assert encode_png(_image(), _recipe()) != encode_png(_image(), _recipe("another"))


def test_files_that_do_not_say_how_they_were_made() -> None:
    buffer = io.BytesIO()
    _image().save(buffer, "PNG")
    png = encode_png(_image(), _recipe())
    assert read_parameters(png) == parameters_text(_recipe())
    for data in (buffer.getvalue(), b"", b"no picture", png[:60]):
        assert read_parameters(data) is None
