"""Faces restored: found, drawn anew where they are, and nothing else; by files of the published layouts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from core.addon_spec import AddonKind
from core.request import Request
from core.stages import LoadImage, RestoreFaces
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.api import FinishedImage, ImageFailed, ImageTask, UnknownModel
from models.engine.engine import Engine
from models.files.header import BadWeights, read_header
from models.files.identify import identify
from models.restorers import codeformer, gfpgan
from models.restorers.faces import FaceDetector
from models.restorers.files import DETECTOR, facts
from models.tiny import build_tiny_model
from models.tiny.faces import FACE, POINTS, build_tiny_codeformer, build_tiny_detector, build_tiny_gfpgan

_SHA = "a" * 64
#: Left upper corners of the cells that the detector takes for the middle of a face.
_CELLS = ((64, 64), (192, 96))
_RESTORERS = ("codeformer", "gfpgan")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("faces")
    build_tiny_model(directory / "tiny")
    restorers = directory / "face-restorer"
    restorers.mkdir()
    build_tiny_codeformer(restorers / "codeformer.safetensors")
    build_tiny_gfpgan(restorers / "gfpgan.safetensors")
    build_tiny_detector(restorers / DETECTOR)
    return directory


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    engine = Engine(find_models([folder]), addons=find_addons([folder]), device="cpu")
    yield engine
    engine.close()


def _picture() -> Image.Image:
    """Noise with two faces, as the stand-in for a detector sees them."""
    values = np.random.default_rng(1).integers(0, 120, (192, 288, 3), np.uint8)
    picture = Image.fromarray(values)
    for left, top in _CELLS:
        picture.paste((255, 0, 255), (left, top, left + 32, top + 32))
    return picture


def _task(picture: Image.Image, restorer: str = "codeformer", **options: Any) -> ImageTask:
    fidelity, replay = options.pop("fidelity", None), options.pop("replay", None)
    stages = (LoadImage(image=_SHA), RestoreFaces(restorer=restorer, fidelity=fidelity))
    request = Request(model="tiny", seed=1, stages=stages)
    return ImageTask(request=request, inputs={_SHA: picture}, replay=replay)


def _made(engine: Engine, *given: Any, **options: Any) -> FinishedImage:
    return engine.submit(_task(*given, **options)).result()


def _changed(one: Image.Image, other: Image.Image) -> np.ndarray:
    return (np.asarray(one) != np.asarray(other)).any(axis=2)


def test_the_detector_tells_five_points_of_each_face(folder: Path) -> None:
    found = FaceDetector(folder / "face-restorer" / DETECTOR).find(_picture())
    wanted = [
        [(left + 16 + (x - 0.5) * FACE, top + 16 + (y - 0.5) * FACE) for x, y in POINTS]
        for left, top in _CELLS
    ]
    assert np.allclose(sorted(map(np.ndarray.tolist, found)), wanted, atol=0.01)


def test_a_large_picture_is_looked_at_small_and_told_of_in_its_own_pixels(folder: Path) -> None:
    large = _picture().resize((288 * 8, 192 * 8), Image.Resampling.NEAREST)
    found = FaceDetector(folder / "face-restorer" / DETECTOR).find(large)
    assert found and all((point >= 0).all() and (point < large.size).all() for point in found)


@pytest.mark.parametrize("restorer", _RESTORERS)
def test_faces_change_and_nothing_else_does(engine: Engine, restorer: str) -> None:
    picture = _picture()
    changed = _changed(_made(engine, picture, restorer).image, picture)
    for left, top in _CELLS:
        assert changed[top : top + 32, left : left + 32].mean() > 0.9
    down, across = np.mgrid[0 : picture.height, 0 : picture.width]
    far = np.ones(changed.shape, bool)
    for left, top in _CELLS:
        # An aligned face reaches about three eyes' distances around its middle.
        far &= np.maximum(abs(across - left - 16), abs(down - top - 16)) > 3 * 0.4 * FACE
    assert far.any() and not changed[far].any()


@pytest.mark.parametrize("restorer", _RESTORERS)
def test_the_fidelity_counts_and_the_same_bytes_come_again(engine: Engine, restorer: str) -> None:
    picture = _picture()
    first = _made(engine, picture, restorer, fidelity=0.2)
    assert _made(engine, picture, restorer, fidelity=0.2, replay=first.recipe).png() == first.png()
    assert _changed(_made(engine, picture, restorer, fidelity=0.9).image, first.image).any()


def test_gfpgan_at_full_fidelity_gives_the_face_back(engine: Engine) -> None:
    """As nearly as turning a face upright and back can."""
    smooth = _picture().resize((36, 24)).resize((288, 192), Image.Resampling.BICUBIC)
    for left, top in _CELLS:
        smooth.paste((255, 0, 255), (left, top, left + 32, top + 32))
    same = _made(engine, smooth, "gfpgan", fidelity=1.0).image
    given, same = np.asarray(smooth, float), np.asarray(same, float)
    assert abs(given - same).mean() < 1


def test_where_there_is_no_face_the_member_is_told(engine: Engine) -> None:
    with pytest.raises(ImageFailed, match="No face was found"):
        _made(engine, Image.new("RGB", (64, 64), "teal"))


def test_a_restorer_that_is_not_here(engine: Engine) -> None:
    with pytest.raises(UnknownModel):
        _made(engine, _picture(), "other")


def test_published_layouts_are_known_by_their_tensors_alone(folder: Path) -> None:
    for name in _RESTORERS:
        header = read_header(folder / "face-restorer" / f"{name}.safetensors")
        assert identify(header).kind == AddonKind.FACE_RESTORER
    specs = {one.spec.name: one.spec for one in find_addons([folder])}
    assert specs["codeformer"].awaits_terms and "non-commercial" in specs["codeformer"].licence
    assert not specs["gfpgan"].awaits_terms and specs["gfpgan"].licence == "Apache-2.0"


@pytest.mark.parametrize(
    ("module", "tensors", "some"),
    [
        (
            codeformer,
            515,
            {
                "encoder.blocks.17.q.weight": (512, 512, 1, 1),
                "encoder.blocks.24.weight": (256, 512, 3, 3),
                "generator.blocks.8.conv.weight": (512, 512, 3, 3),
                "generator.blocks.24.weight": (3, 64, 3, 3),
                "fuse_convs_dict.256.encode_enc.conv_out.weight": (128, 256, 1, 1),
                "ft_layers.8.self_attn.in_proj_weight": (1536, 512),
                "position_emb": (256, 512),
            },
        ),
        (
            gfpgan,
            255,
            {
                "final_linear.weight": (8192, 4096),
                "conv_body_first.weight": (32, 3, 1, 1),
                "condition_scale.6.2.weight": (32, 32, 3, 3),
                "stylegan_decoder.style_convs.13.modulated_conv.weight": (1, 64, 64, 3, 3),
                "stylegan_decoder.noises.noise14": (1, 1, 512, 512),
            },
        ),
    ],
)
def test_names_and_shapes_are_those_of_the_published_files(
    module: Any, tensors: int, some: dict[str, tuple[int, ...]]
) -> None:
    with torch.device("meta"):
        network = (module.CodeFormer if module is codeformer else module.GFPGAN)(module.Shape())
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert len(shapes) == tensors and network.side == 512
    assert {name: shapes[name] for name in some} == some
    assert module.shape_of(shapes) == module.Shape()


def test_what_is_no_restorer_or_lacks_its_detector_is_left_out(folder: Path, tmp_path: Path) -> None:
    state = load_file(folder / "face-restorer" / "gfpgan.safetensors")
    save_file(state, tmp_path / "alone.safetensors")
    with pytest.raises(BadWeights, match=DETECTOR):
        facts(tmp_path / "alone.safetensors")
    save_file({"conv_body_first.weight": state["conv_body_first.weight"]}, tmp_path / "part.safetensors")
    with pytest.raises(BadWeights, match="no CodeFormer"):
        facts(tmp_path / "part.safetensors")
