"""Masks of things named by words or by a point, by tiny networks through the code that runs real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from core.addon_spec import POINT_MASKER, TEXT_MASKER
from core.stages import MakeMask
from models.masks import find_maskers, load_masker
from tests.control.pictures import disc

CPU = torch.device("cpu")
IMAGE = "0" * 64


def _mask(directory: Path, name: str, stage: MakeMask, picture: Image.Image) -> Image.Image:
    with torch.inference_mode():
        return load_masker(name, find_maskers([directory])[name], CPU)(picture, stage)


def test_only_what_is_there_is_offered(tmp_path: Path, seers: Path) -> None:
    assert find_maskers([tmp_path]) == {}
    assert set(find_maskers([seers, tmp_path])) == {TEXT_MASKER, POINT_MASKER}


def test_words_make_a_mask_of_the_pictures_size(seers: Path) -> None:
    picture = disc((90, 60))
    mask = _mask(seers, TEXT_MASKER, MakeMask(image=IMAGE, text="the hat"), picture)
    assert (mask.size, mask.mode) == (picture.size, "L")
    assert set(np.unique(mask)) <= {0, 255}
    again = _mask(seers, TEXT_MASKER, MakeMask(image=IMAGE, text="the hat"), picture)
    assert mask.tobytes() == again.tobytes()


def test_a_point_makes_a_mask_of_the_pictures_size(seers: Path) -> None:
    picture = disc((90, 60))
    masks = [
        _mask(seers, POINT_MASKER, MakeMask(image=IMAGE, point=point), picture)
        for point in ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0))
    ]
    for mask in masks:
        assert (mask.size, mask.mode) == (picture.size, "L")
        assert set(np.unique(mask)) <= {0, 255}
    assert len({mask.tobytes() for mask in masks}) > 1
