"""`.ckpt` files become safetensors in a child process; whatever else they hold is never run."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from models.__main__ import main
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


#: As somebody who may not: not root, and with threads nobody gets a user namespace.
_MAY_NOT = (
    "import os, threading, time\n"
    "if os.geteuid() == 0: os.setuid(65534)\n"
    "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
)


@pytest.mark.parametrize("begun", ["", _MAY_NOT])
def test_the_child_has_bounds(begun: str) -> None:
    """It can't take more memory than the bound, nor reach a server here unless it says that it could."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = (
            f"import socket\nfrom models.files.unpickle import confine\n{begun}print(confine(0))\n"
            "try: bytearray(8 * 2**30)\nexcept MemoryError: print('memory')\n"
            f"try: socket.create_connection((b'127.0.0.1', {port}), 2)\nexcept OSError: print('no network')\n"
        )
        command = [sys.executable, "-c", script]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    bounds = ["True", "memory", "no network"], ["False", "memory"]
    assert told.splitlines() in bounds
    if begun:
        assert told.splitlines() == bounds[1]
    elif os.geteuid() == 0:
        assert told.splitlines() == bounds[0]


def test_a_network_that_was_left_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "a.ckpt")
    # A Python that can't say that it has no network.
    silent = tmp_path / "python"
    silent.write_text(f'#!/bin/sh\n{sys.executable} "$@" > /dev/null\n')
    silent.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(silent))
    monkeypatch.setattr(sys, "argv", ["models", "convert", str(tmp_path / "a.ckpt")])
    assert main() == 0
    told = capsys.readouterr()
    assert "did not take the network" in told.err
    assert told.out.strip() == str(tmp_path / "a.safetensors")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can always take the network away")
def test_nothing_is_told_where_there_was_no_network(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "a.ckpt")
    assert convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors")
