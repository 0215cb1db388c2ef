"""Known models are fetched from a hub that may break off, lie or be away."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from core.addon_spec import AddonKind
from core.model_spec import ModelSpec
from models.fetch import FetchFailed, fetch
from models.known import NotKnown, known_model, known_models
from tests.files.hub import Hub, serve_hub

#: The library writes ten megabytes at a time.
_CONTENT = bytes(range(256)) * 100_000
_PLACE = f"/someone/pets/resolve/{'1' * 40}"
_FOLDER = {"pet.safetensors": _CONTENT, "models/eyes/config.json": b"{}"}
#: What a process of its own does: the hub's address is read at import.
_FETCH = """
import sys
from pathlib import Path
from models.fetch import FetchFailed, fetch
from models.known import known_model
catalogue, directory, data_dir, accepted = sys.argv[1:]
try:
    pet = known_model("pet", Path(catalogue))
    print(fetch(pet, Path(directory), Path(data_dir), lambda *_: accepted == "yes"))
except FetchFailed as error:
    raise SystemExit(str(error))
"""


@pytest.fixture
def hub() -> Hub:
    return Hub(files={f"{_PLACE}/{path}": content for path, content in _FOLDER.items()})


def _run(
    hub: Hub, folder: Path, *, accepted: str = "yes", sha256: str = "", to: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Fetch the file, or where `to` says their places all that the hub has."""
    entry = {
        "title": "Pet",
        "kind": "lora",
        "hub": "someone/pets",
        "revision": "1" * 40,
        "licence": "Pets only",
        "licence_url": "https://pets.example",
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in entry.items()]
    for (path, content), place in zip(_FOLDER.items(), to or ("",), strict=False):
        known = sha256 or hashlib.sha256(content).hexdigest()
        lines += ["[[pet.files]]", f'path = "{path}"', f'to = "{place}"', f'sha256 = "{known}"']
        lines += [f"bytes = {len(content)}"]
    (folder / "known.toml").write_text("\n".join(["[pet]", *lines]))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment = {**clean, "HF_ENDPOINT": hub.address, "HF_HOME": str(folder / "hf")}
    command = [
        sys.executable,
        "-c",
        _FETCH,
        *map(str, (folder / "known.toml", folder / "models", folder / "data")),
    ]
    return subprocess.run(
        [*command, accepted], env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def test_a_broken_download_goes_on_where_it_ended(hub: Hub, tmp_path: Path) -> None:
    hub.breaks_after = 15_000_000
    with serve_hub(hub):
        broken = _run(hub, tmp_path)
        assert broken.returncode == 1
        assert "What has come so far is kept; run the same again to go on." in broken.stderr
        assert not (tmp_path / "models" / "lora").exists()
        hub.breaks_after = None
        hub.ranges.clear()
        again = _run(hub, tmp_path, accepted="was accepted before")
    assert again.returncode == 0, again.stderr
    file = tmp_path / "models" / "lora" / "pet.safetensors"
    assert again.stdout.strip() == str(file)
    assert file.read_bytes() == _CONTENT
    assert len(hub.ranges) == 1
    assert re.fullmatch(r"bytes=\d{8,}-", str(hub.ranges[0]))
    assert not list((tmp_path / "models" / ".fetch").iterdir())
    assert json.loads(file.with_suffix(".json").read_text())["licence"] == "Pets only"


def test_another_file_than_the_pinned_one_is_deleted(hub: Hub, tmp_path: Path) -> None:
    with serve_hub(hub):
        wrong = _run(hub, tmp_path, sha256="0" * 64)
    assert wrong.returncode == 1
    assert "What came is not pet.safetensors of pet" in wrong.stderr and "It was deleted." in wrong.stderr
    assert not list(tmp_path.rglob("pet.safetensors*"))


def test_several_files_make_a_folder(hub: Hub, tmp_path: Path) -> None:
    places = ("pet.safetensors", "eyes/config.json")
    missing = hub.files.pop(f"{_PLACE}/models/eyes/config.json")
    with serve_hub(hub):
        assert _run(hub, tmp_path, to=places).returncode == 1
        # Not to be seen until it is whole.
        assert not (tmp_path / "models" / "lora").exists()
        hub.files[f"{_PLACE}/models/eyes/config.json"] = missing
        hub.ranges.clear()
        whole = _run(hub, tmp_path, to=places)
    assert whole.returncode == 0, whole.stderr
    folder = tmp_path / "models" / "lora" / "pet"
    assert whole.stdout.strip() == str(folder)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {*places, "atelier.json"}
    assert (folder / "pet.safetensors").read_bytes() == _CONTENT
    # What was there was not asked for again.
    assert len(hub.ranges) == 1
    assert not list((tmp_path / "models" / ".fetch").iterdir())


def test_an_error_without_words_is_told_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("huggingface_hub.get_hf_file_metadata", broken)
    with pytest.raises(FetchFailed, match="real-esrgan-4x could not be fetched: TimeoutError"):
        fetch(known_model("real-esrgan-4x"), tmp_path, tmp_path, lambda *_: True)


def test_the_licence_comes_first(hub: Hub, tmp_path: Path) -> None:
    with serve_hub(hub):
        refused = _run(hub, tmp_path, accepted="no")
    assert refused.returncode == 1
    assert "Pets only (https://pets.example)" in refused.stderr and "--accept-licence" in refused.stderr
    assert not hub.ranges


def test_near_names_are_told() -> None:
    with pytest.raises(NotKnown, match=r"sdxl"):
        known_model("sdxl-base")
    with pytest.raises(NotKnown):
        known_model("../../etc/passwd")


def test_the_catalogue_is_whole() -> None:
    models = known_models()
    assert len(models) == len({model.files[0].sha256 for model in models})
    for model in models:
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,59}", model.name)
        assert re.fullmatch(r"[0-9a-f]{40}", model.revision)
        assert model.kind in ["base", *AddonKind]
        assert model.licence_url.startswith("https://")
        assert model.limits.keys() <= {field.name for field in fields(ModelSpec)}
        assert model.files[0].path.endswith(".safetensors")
        assert bool(model.files[0].to) is model.is_folder
        assert all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) and file.bytes for file in model.files)
