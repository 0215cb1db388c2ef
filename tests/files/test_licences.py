"""Licences whose terms are accepted once on a machine, and what is told of the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.addon_spec import AddonKind, AddonSpec
from models.known import KnownModel, known_model
from models.licences import accept, accepted, licensed


def _vae(**facts: str) -> AddonSpec:
    return AddonSpec(kind=AddonKind.VAE, name="a", title="A", **facts)


def _told(data_dir: Path, **facts: str) -> AddonSpec:
    (spec,) = licensed([_vae(**facts)], data_dir)
    return spec


def test_terms_are_asked_for_once_for_all_that_comes_under_them(tmp_path: Path) -> None:
    asked: list[str] = []

    def asks(licence: str, address: str) -> bool:
        asked.append(f"{licence} {address}")
        return len(asked) > 1

    sdxl, refiner = known_model("sdxl"), known_model("sdxl-refiner")
    assert not accept(sdxl, tmp_path, asks) and accepted(tmp_path) == {}
    assert _told(tmp_path, licence=sdxl.licence).awaits_terms
    assert accept(sdxl, tmp_path, asks) and accept(refiner, tmp_path, asks)
    assert asked == [f"{sdxl.licence} {sdxl.licence_url}"] * 2
    assert datetime.fromisoformat(accepted(tmp_path)[sdxl.licence]).tzinfo is not None
    told = _told(tmp_path, licence=sdxl.licence)
    assert not told.awaits_terms and told.licence_url.startswith("https://")


def test_free_and_unknown_licences_wait_for_nobody(tmp_path: Path) -> None:
    free = known_model("sd-vae-ft-mse")
    assert accept(free, tmp_path, lambda *_: False)
    assert not _told(tmp_path, licence="MIT").awaits_terms
    assert _told(tmp_path, licence="My own") == _vae(licence="My own")
    assert _told(tmp_path) == _vae(licence="unknown")


def test_a_file_of_the_catalogue_is_known_by_its_hash(tmp_path: Path) -> None:
    known: KnownModel = known_model("sd-1.5")
    told = _told(tmp_path, weights_hash=known.files[0].sha256)
    assert (told.licence, told.licence_url, told.awaits_terms) == (known.licence, known.licence_url, True)
    # What its owner says beside the file counts.
    own = replace(_vae(weights_hash=known.files[0].sha256), licence="Mine by contract")
    assert licensed([own], tmp_path) == [own]


def test_from_the_command_line(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "models", "accept", *arguments]
        environment = {**os.environ, "ATELIER_DATA_DIR": str(tmp_path)}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        return done.stdout + done.stderr

    # Nobody is there to be asked.
    assert "is not accepted" in run("sd-1.5") and accepted(tmp_path) == {}
    assert "CreativeML OpenRAIL-M is accepted" in run("sd-1.5", "--yes")
    assert list(accepted(tmp_path)) == ["CreativeML OpenRAIL-M"]
    assert "asks for no answer" in run("ssd-1b")
    assert "No model sd is known" in run("sd")
