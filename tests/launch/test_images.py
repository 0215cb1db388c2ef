"""docker-compose.yml and the Dockerfile, as far as they can be checked without an engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

#: What each image must be able to start from the folders that are copied into it.
ENTRY_POINTS = {
    "small": ("bot.__main__", "workers.keeper", "launch.prepare", "core.health"),
    "worker": ("workers.__main__", "workers.app", "core.health"),
}


def stages() -> dict[str, str]:
    """The Dockerfile's stages by name."""
    text = (ROOT / "Dockerfile").read_text()
    return dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM|\Z)", text, re.S | re.M))


def services() -> dict[str, dict[str, object]]:
    compose: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(
        (ROOT / "docker-compose.yml").read_text()
    )
    return compose["services"]


@pytest.mark.parametrize("image", ENTRY_POINTS)
def test_the_folders_of_an_image_are_all_that_its_processes_import(image: str, tmp_path: Path) -> None:
    copied = re.findall(r"^COPY (\w+) \w+$", stages()[image], re.M)
    assert copied
    for folder in copied:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    code = "; ".join(f"import {module}" for module in ENTRY_POINTS[image])
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_small_image_installs_no_torch() -> None:
    assert re.findall(r"'\.\[([\w,]+)\]'", stages()["small"]) == ["bot"]


def test_every_service_of_ours_starts_a_module_of_ours() -> None:
    ours = {name: service for name, service in services().items() if "build" in service}
    assert set(ours) == {"prepare", "bot", "keeper", "worker"}
    for service in ours.values():
        command = service["command"]
        assert isinstance(command, list)
        module = ROOT / command[-1].replace(".", "/")
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists()


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("DISCORD_TOKEN", "POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses)
