"""`make demo ONCE=1` as a newcomer runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def _demo(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ATELIER_DATA_DIR": str(tmp_path), "DISCORD_TOKEN": ""}
    command = [sys.executable, "-m", "launch.demo", "--once", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_a_picture_of_what_was_asked_arrives(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--prompt", "a red circle on a white background")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "shows what was asked for" in done.stdout
    picture = tmp_path / "demo" / "first-picture.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    # The once-run's studio is gone, and so is its data.
    assert [path.name for path in picture.parent.iterdir()] == ["first-picture.png"]


def test_a_refused_prompt_ends_with_the_reason(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--prompt", "a red circle --steps 1e9")
    assert done.returncode == 1
    assert "steps" in done.stderr
    assert "1e9" in done.stderr
