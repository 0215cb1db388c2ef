"""Add-ons are known by all that they are loaded from, so that what was replaced is loaded anew."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.addon_spec import AddonKind, AddonSpec
from models.addons import find_addons
from models.restorers.files import DETECTOR
from models.tiny.faces import build_tiny_detector, build_tiny_gfpgan


def _spec(directory: Path, kind: AddonKind, name: str) -> AddonSpec:
    (spec,) = [one.spec for one in find_addons([directory]) if (one.spec.kind, one.spec.name) == (kind, name)]
    return spec


@pytest.fixture
def directory(seers: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(seers, tmp_path / "seers"))


@pytest.mark.parametrize(
    ("kind", "name", "file"),
    [
        (AddonKind.PREPROCESSOR, "softedge-pidinet", "preprocessor/pidinet.safetensors"),
        (AddonKind.PREPROCESSOR, "openpose", "preprocessor/openpose/pose/config.json"),
        (AddonKind.MASKER, "sam", "masker/sam/model.safetensors"),
    ],
)
def test_what_sees_is_known_by_its_files(directory: Path, kind: AddonKind, name: str, file: str) -> None:
    before = _spec(directory, kind, name).weights_hash
    assert before
    with (directory / file).open("ab") as opened:
        opened.write(b" ")
    assert _spec(directory, kind, name).weights_hash not in ("", before)
    # What needs no weights has none to tell of.
    assert _spec(directory, AddonKind.PREPROCESSOR, "canny").weights_hash == ""


def test_what_sees_has_its_own_name_and_the_licence_that_it_is_said_to_have(directory: Path) -> None:
    about = {"name": "mine", "title": "Mine", "licence": "Apache-2.0"}
    (directory / "masker" / "clipseg" / "atelier.json").write_text(json.dumps(about))
    spec = _spec(directory, AddonKind.MASKER, "clipseg")
    assert (spec.title, spec.licence) == ("By words (CLIPSeg)", "Apache-2.0")


def test_a_restorer_is_known_by_its_detector_too(tmp_path: Path) -> None:
    folder = tmp_path / "face-restorer"
    folder.mkdir()
    build_tiny_gfpgan(folder / "gfpgan.safetensors")
    build_tiny_detector(folder / DETECTOR)
    before = _spec(tmp_path, AddonKind.FACE_RESTORER, "gfpgan").weights_hash
    with (folder / DETECTOR).open("ab") as opened:
        opened.write(b" ")
    assert _spec(tmp_path, AddonKind.FACE_RESTORER, "gfpgan").weights_hash != before


@pytest.mark.parametrize("shared", [False, True])
def test_an_ip_adapter_is_known_by_its_image_encoder_too(
    model_dir: Path, tmp_path: Path, shared: bool
) -> None:
    folder = Path(shutil.copytree(model_dir / "ip-adapter" / "plain", tmp_path / "ip-adapter" / "plain"))
    if shared:
        (folder / "image_encoder").rename(tmp_path / "ip-adapter" / "image_encoder")
        (adapter,) = folder.glob("*.safetensors")
        adapter.rename(tmp_path / "ip-adapter" / "plain.safetensors")
        shutil.rmtree(folder)
    (encoder,) = tmp_path.rglob("image_encoder")
    (local,) = [one for one in find_addons([tmp_path]) if one.spec.kind is AddonKind.IP_ADAPTER]
    assert local.bytes == sum(file.stat().st_size for file in tmp_path.rglob("*.safetensors"))
    (weights,) = encoder.glob("*.safetensors")
    with weights.open("ab") as opened:
        opened.write(b" ")
    assert _spec(tmp_path, AddonKind.IP_ADAPTER, local.spec.name).weights_hash != local.spec.weights_hash
