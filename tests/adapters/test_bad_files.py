"""Adapter files that can't be trusted are left out; names only ever choose among what was found."""

from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path

import pytest

from core.addon_spec import AddonKind
from core.errors import BadOption
from core.prompt.adapters import take_adapters
from models.adapters.files import facts
from models.addons import find_addons
from models.files.header import BadWeights


def _entry(start: int) -> dict[str, object]:
    return {"dtype": "F32", "shape": [1], "data_offsets": [start, start + 4]}


def _write(path: Path, head: bytes, body: bytes = b"\0" * 8) -> None:
    path.write_bytes(struct.pack("<Q", len(head)) + head + body)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lora").mkdir()
    return tmp_path / "lora"


def test_a_renamed_pickle_is_never_opened(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, ("raise SystemExit('opened')",)

    (folder / "trap.safetensors").write_bytes(pickle.dumps(Trap()))
    assert not _loras(folder)
    assert "trap.safetensors is no safetensors file, whatever its name says." in caplog.text
    with pytest.raises(BadWeights, match="python -m models convert"):
        facts(folder / "trap.safetensors")


def test_a_name_that_stands_twice_is_refused(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    first, second = (json.dumps(_entry(start)) for start in (0, 4))
    name = "lora_unet_mid_block_attentions_0_proj_in.lora_down.weight"
    _write(folder / "twice.safetensors", f'{{"{name}": {first}, "{name}": {second}}}'.encode())
    assert not _loras(folder)
    assert "twice, so nobody can say what it holds" in caplog.text


def test_kinds_that_are_not_known_are_refused_and_named(folder: Path) -> None:
    head = json.dumps({"lora_unet_mid_block_attentions_0_proj_in.oft_R.weight": _entry(0)}).encode()
    _write(folder / "oft.safetensors", head)
    with pytest.raises(BadWeights, match=r"oft_R\.weight is of no kind of adapter that is known here"):
        facts(folder / "oft.safetensors")


def test_what_is_no_adapter_is_left_out(folder: Path) -> None:
    _write(folder / "embedding.safetensors", json.dumps({"emb_params": _entry(0)}).encode())
    (folder / "note.txt").write_text("not a model")
    assert not _loras(folder)


def test_half_a_file_waits(model_dir: Path, folder: Path) -> None:
    whole = (model_dir / "lora" / "ink.safetensors").read_bytes()
    file = folder / "ink.safetensors"
    file.write_bytes(whole[: len(whole) // 2])
    assert not _loras(folder)
    file.write_bytes(whole)
    assert _loras(folder) == ["ink"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "inc"])
def test_an_unknown_name_is_refused_with_near_ones(name: str) -> None:
    with pytest.raises(BadOption, match="ink"):
        take_adapters(f"a fox <lora:{name}:1>", {"ink"})


def _loras(folder: Path) -> list[str]:
    return [addon.spec.name for addon in find_addons([folder.parent]) if addon.spec.kind is AddonKind.LORA]
