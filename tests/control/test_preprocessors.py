"""Maps drawn from pictures: by classical means, and by tiny networks through the code that runs real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import conv2d

from core.addon_spec import PREPROCESSORS
from core.guides import ControlUnit
from models.control.nets.pidinet import read_weights
from models.control.preprocessors import Preprocessor, find_preprocessors, load_preprocessor
from models.control.preprocessors.scribble_hed import strokes
from models.control.preprocessors.skeleton import draw_people
from models.files.header import BadWeights
from tests.control.pictures import disc

CPU = torch.device("cpu")


def _unit(**values: object) -> ControlUnit:
    return ControlUnit(model="any", image="0" * 64, **values)


def _load(name: str, directory: Path) -> Preprocessor:
    return load_preprocessor(name, find_preprocessors([directory])[name], CPU)


@pytest.mark.parametrize("name", PREPROCESSORS)
def test_every_preprocessor_draws_a_map_of_the_pictures_size(name: str, seers: Path) -> None:
    draw = _load(name, seers)
    with torch.inference_mode():
        drawn, again = draw(disc(), _unit()), draw(disc(), _unit())
    assert drawn.size == disc().size
    assert drawn.mode == "RGB"
    assert drawn.tobytes() == again.tobytes()
    assert np.asarray(drawn).max() > 0


def test_only_what_is_there_is_offered(tmp_path: Path, seers: Path) -> None:
    assert set(find_preprocessors([tmp_path])) == {"canny", "scribble"}
    assert set(find_preprocessors([tmp_path, seers])) == set(PREPROCESSORS)


def test_canny_finds_the_edge_and_its_thresholds_count(tmp_path: Path) -> None:
    draw = _load("canny", tmp_path)
    edges = np.asarray(draw(disc(), _unit()))[..., 0] > 0
    rows, columns = np.nonzero(edges)
    distance = np.hypot(rows - 32, columns - 48)
    assert 90 < edges.sum() < 300
    assert np.abs(distance - 64 / 3).max() < 3
    faint = disc(colour="#202020", ground="#101010")
    assert np.asarray(draw(faint, _unit())).max() == 0
    assert np.asarray(draw(faint, _unit(thresholds=(5, 10)))).max() == 255


def test_a_scribble_is_thicker_than_an_edge(tmp_path: Path) -> None:
    big = disc((256, 256))
    edges = np.asarray(_load("canny", tmp_path)(big, _unit()))
    scribble = np.asarray(_load("scribble", tmp_path)(big, _unit()))
    assert set(np.unique(scribble)) == {0, 255}
    assert 1.5 < (scribble > 0).sum() / (edges > 0).sum() < 6


def test_strokes_follow_ridges() -> None:
    x = np.arange(64)
    ridge = np.repeat((255 * np.exp(-(((x - 30) / 8) ** 2)))[None], 64, axis=0).astype(np.uint8)
    drawn = strokes(ridge)
    assert drawn[:, 30].all()
    assert not drawn[:, :15].any()
    assert not drawn[:, 45:].any()


def test_kernels_of_differences_become_ordinary_ones() -> None:
    from models.control.nets.pidinet import PiDiNet

    weights = {f"module.{name}": torch.randn_like(weight) for name, weight in PiDiNet().state_dict().items()}
    for name, weight in weights.items():
        if weight.shape[-1] == 5:
            weights[name] = torch.randn(*weight.shape[:2], 3, 3)
    read = read_weights(weights)
    picture = torch.randn(1, 3, 9, 9)
    kernel = weights["module.init_block.weight"]
    # Each pixel's difference from the middle one, summed: what the ordinary kernel must give too.
    centre = conv2d(picture, kernel.sum(dim=(2, 3), keepdim=True))
    expected = conv2d(picture, kernel, padding=1) - centre
    assert torch.allclose(conv2d(picture, read["init_block.weight"], padding=1), expected, atol=1e-4)
    # A flat picture has no differences.
    flat = torch.ones(1, 60, 9, 9)
    for name in ("block1_1", "block1_2"):
        seen = conv2d(flat, read[f"{name}.conv1.weight"], groups=60)
        assert torch.allclose(seen, torch.zeros_like(seen), atol=1e-5)


def test_the_weights_of_another_network_are_refused(seers: Path) -> None:
    with pytest.raises(BadWeights, match="another network"):
        load_preprocessor("softedge", seers / "preprocessor" / "pidinet.safetensors", CPU)


def test_a_skeleton_has_limbs_where_its_joints_are() -> None:
    joints = np.zeros((17, 3))
    # Shoulders and elbows, in COCO's order of left and right.
    joints[[5, 6, 7, 8]] = [(40, 20, 1), (20, 20, 1), (40, 50, 1), (20, 50, 1)]
    drawn = np.asarray(draw_people((64, 64), [joints]))
    assert drawn[20, 30].any(), "the neck joins the shoulders"
    assert drawn[35, 20].any()
    assert drawn[35, 40].any()
    assert (drawn[35, 20] != drawn[35, 40]).any(), "right and left differ in colour"
    assert not drawn[60].any()
    assert not np.asarray(draw_people((64, 64), [joints * [1, 1, 0.1]])).any(), "unsure joints are left out"


def test_nobody_is_an_empty_map() -> None:
    assert draw_people((32, 16), []).getbbox() is None
    assert isinstance(draw_people((32, 16), []), Image.Image)
