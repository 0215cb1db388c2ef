"""`.ckpt` files become safetensors in a child process; whatever else they hold is never run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from models.files.convert import convert
from models.files.header import BadWeights


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("table", ["state_dict", "params_ema", "params", None])
def test_the_tensors_come_out_unchanged_and_alone(tmp_path: Path, table: str | None) -> None:
    tensors = {"a": torch.randn(3, 4).half(), "b": torch.arange(6).view(2, 3).t()}
    state = {table: {**tensors, "step": 7}, "epoch": 1} if table else tensors
    torch.save(state, tmp_path / "model.ckpt")

    convert(tmp_path / "model.ckpt", tmp_path / "model.safetensors")

    found = load_file(tmp_path / "model.safetensors")
    assert set(found) == {"a", "b"}
    assert all(torch.equal(found[name], tensors[name]) for name in found)
    assert found["a"].dtype == torch.float16


@pytest.mark.parametrize("form", ["zip", "old"])
def test_code_in_a_checkpoint_is_not_run(tmp_path: Path, form: str) -> None:
    trace = tmp_path / "was-here"
    evil = {"state_dict": {"a": torch.zeros(1)}, "x": Evil(f"touch {trace}")}
    torch.save(evil, tmp_path / "evil.ckpt", _use_new_zipfile_serialization=form == "zip")

    with pytest.raises(BadWeights, match="more than tensors"):
        convert(tmp_path / "evil.ckpt", tmp_path / "evil.safetensors")

    assert not trace.exists()
    assert not list(tmp_path.glob("evil.safetensors*"))
    assert not list(tmp_path.glob("*.part"))


def test_a_bare_pickle_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "was-here"
    (tmp_path / "evil.ckpt").write_bytes(pickle.dumps(Evil(f"touch {trace}")))

    with pytest.raises(BadWeights, match=r"evil\.ckpt was not converted"):
        convert(tmp_path / "evil.ckpt", tmp_path / "evil.safetensors")

    assert not trace.exists()


def test_a_torn_download_is_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.randn(1000)}, tmp_path / "whole.ckpt")
    (tmp_path / "torn.ckpt").write_bytes((tmp_path / "whole.ckpt").read_bytes()[:2000])

    with pytest.raises(BadWeights, match="broken"):
        convert(tmp_path / "torn.ckpt", tmp_path / "torn.safetensors")


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "a.ckpt")
    (tmp_path / "a.safetensors").write_bytes(b"mine")

    with pytest.raises(FileExistsError):
        convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors")

    assert (tmp_path / "a.safetensors").read_bytes() == b"mine"


def test_the_child_has_bounds() -> None:
    """A child that is confined can't take more memory than the bound, nor reach a server on this machine."""
    import socket
    import subprocess
    import sys

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = (
            "from models.files.unpickle import confine; confine(0); import socket, sys\n"
            "try: bytearray(8 * 2**30)\nexcept MemoryError: print('memory')\n"
            f"try: socket.create_connection(('127.0.0.1', {port}), 2)\nexcept OSError: print('network')\n"
        )
        told = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout
    said = told.split()
    assert "memory" in said
    if os.geteuid() == 0:
        assert "network" in said
