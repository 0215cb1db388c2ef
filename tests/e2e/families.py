"""Tiny models of every family as diffusers folders, and one as a single file, that a studio offers."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.tiny_families import pipeline
from tests.files import original

#: Of byte tokens, whose text encoders are a hundred times smaller than CLIP's.
_WORDS = 514
#: A single file's text is read with CLIP's own.
_CLIPS_WORDS = 49408

FAMILIES = ("sd2", "sdxl", "ssd-1b", "vega", "sdxl-refiner")


def save_tiny_family(family: str, folder: Path) -> None:
    """A diffusers folder with random weights, drawing 64 pixels in two steps unless told otherwise."""
    pipeline(family, _WORDS).save_pretrained(folder, safe_serialization=True)
    _describe(f"tiny-{family}", folder / "atelier.json")


def save_tiny_file(models: Path) -> None:
    """The same tiny model as a folder, `tiny-sd1`, and as a single file, `tiny-sd1-file`."""
    pipe = pipeline("sd1", _CLIPS_WORDS)
    pipe.save_pretrained(models / "sd1", safe_serialization=True)
    _describe("tiny-sd1", models / "sd1" / "atelier.json")
    (models / "checkpoints").mkdir()
    state = original.unet_state(pipe.unet) | original.vae_state(pipe.vae)
    state |= original.clip_state(pipe.text_encoder, "cond_stage_model.transformer.")
    original.write_single_file(models / "checkpoints" / "file.safetensors", state)
    _describe("tiny-sd1-file", models / "checkpoints" / "file.json")


def _describe(name: str, about: Path) -> None:
    said = {"name": name, "title": name, "licence": "MIT", "default_steps": 2}
    sides = {"min_side": 64, "max_side": 128, "default_sampler": "Euler", "default_schedule": "normal"}
    about.write_text(json.dumps(said | sides))
