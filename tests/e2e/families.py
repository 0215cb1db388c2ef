"""Tiny models of every family as diffusers folders that a studio offers."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.test_families import pipeline

#: Of byte tokens, whose text encoders are a hundred times smaller than CLIP's.
_WORDS = 514

FAMILIES = ("sd2", "sdxl", "ssd-1b", "vega", "sdxl-refiner")


def save_tiny_family(family: str, folder: Path) -> None:
    """A diffusers folder with random weights, drawing 64 pixels in two steps unless told otherwise."""
    pipeline(family, _WORDS).save_pretrained(folder, safe_serialization=True)
    about = {"name": f"tiny-{family}", "title": f"Tiny {family}", "licence": "MIT", "default_steps": 2}
    sides = {"min_side": 64, "max_side": 128, "default_sampler": "Euler", "default_schedule": "normal"}
    (folder / "atelier.json").write_text(json.dumps(about | sides))
