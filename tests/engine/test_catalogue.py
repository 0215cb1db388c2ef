"""Which folders are models, and what the catalogue says of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from models import hashes
from models.catalogue import LocalModel, find_models


@pytest.fixture
def folder(model_dir: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model to change at will, in a model directory of its own."""
    return Path(
        shutil.copytree(model_dir / "tiny", tmp_path / "models" / "checkpoints" / "My Tiny_Model v1.5")
    )


def _find(folder: Path, **options: Path) -> list[LocalModel]:
    return find_models([folder.parents[1]], **options)


def test_what_a_folder_tells_by_itself(folder: Path) -> None:
    (folder / "atelier.json").unlink()
    (model,) = _find(folder)
    assert model.path == folder
    assert model.spec.name == "my-tiny-model-v1.5"
    assert model.spec.title == "My Tiny_Model v1.5"
    assert model.spec.architecture == "sd1"
    assert (model.spec.native_side, model.spec.side_multiple) == (32, 16)
    assert (model.spec.min_side, model.spec.max_side) == (16, 64)


def test_its_own_description_wins_but_for_architecture_and_hash(folder: Path) -> None:
    plain = _find(folder)[0].spec
    about = {"name": "mine", "title": "Mine", "licence": "MIT", "default_steps": 9}
    lies = {"architecture": "sd9", "weights_hash": "made up"}
    (folder / "atelier.json").write_text(json.dumps({**about, **lies}))
    (model,) = _find(folder)
    assert {key: getattr(model.spec, key) for key in about} == about
    assert (model.spec.architecture, model.spec.weights_hash) == ("sd1", plain.weights_hash)


@pytest.mark.parametrize(
    "about",
    ['{"name": "../../etc/passwd"}', '{"name": ""}', "[1]", "{", '{"default_sampler": "x"}'],
)
def test_bad_descriptions_leave_the_model_out(folder: Path, about: str) -> None:
    (folder / "atelier.json").write_text(about)
    assert _find(folder) == []


def test_notes_of_web_uis_are_left_alone(folder: Path) -> None:
    plain = _find(folder)
    own = json.loads((folder / "atelier.json").read_text())
    (folder / "atelier.json").write_text(json.dumps({**own, "notes": "good", "vae": "Automatic"}))
    assert _find(folder) == plain


@pytest.mark.parametrize("called", ["水彩", "Café", "!", "x" * 70])
def test_a_name_that_cannot_be_spelled_is_told_by_the_hash(folder: Path, called: str) -> None:
    (folder / "atelier.json").unlink()
    (model,) = _find(folder.rename(folder.parent / called))
    spelled = {"Café": "caf-", "x" * 70: "x" * 60}.get(called, "")
    assert model.spec.title == called
    assert model.spec.name == (spelled if len(spelled) == 60 else spelled + model.spec.weights_hash[:8])


def test_junk_is_left_out(folder: Path) -> None:
    models = folder.parents[1]
    (models / "notes.txt").write_text("not a model")
    for name, index in (
        ("broken", "{"),
        ("alien", '{"_class_name": "OtherPipeline"}'),
        ("empty", "{}"),
        ("odd", "3"),
        ("listed", '{"_class_name": ["StableDiffusionPipeline"]}'),
    ):
        (models / name).mkdir()
        (models / name / "model_index.json").write_text(index)
    hollow = models / "hollow"
    shutil.copytree(folder, hollow, ignore=shutil.ignore_patterns("*.safetensors"))
    pickles = models / "pickles"
    shutil.copytree(hollow, pickles)
    (pickles / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    assert [model.path for model in _find(folder)] == [folder]


def test_of_two_models_with_one_name_the_first_counts(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "zz")
    assert [model.path for model in _find(folder)] == [folder]


def test_linked_folders_are_found(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "tiny").symlink_to(folder)
    assert [model.spec.name for model in find_models([tmp_path / "linked", tmp_path / "absent"])] == ["tiny"]


def test_hash_follows_the_weights(folder: Path) -> None:
    before = _find(folder)[0].spec.weights_hash
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert _find(folder)[0].spec.weights_hash != before


def test_hashes_are_remembered(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache" / "hashes.json"
    before = _find(folder, hash_cache=cache)
    reads: list[object] = []
    digest = hashes.hashlib.file_digest
    monkeypatch.setattr(
        hashes.hashlib, "file_digest", lambda file, name: reads.append(file) or digest(file, name)
    )
    assert _find(folder, hash_cache=cache) == before
    assert reads == []
    (folder / "unet" / "config.json").touch()
    assert _find(folder, hash_cache=cache) == before
    assert len(reads) == 1


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}'])
def test_a_broken_cache_costs_time_only(folder: Path, tmp_path: Path, content: str) -> None:
    cache = tmp_path / "hashes.json"
    cache.write_text(content)
    assert _find(folder, hash_cache=cache) == _find(folder)
