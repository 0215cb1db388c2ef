"""What fits a machine: plans, the limits that members meet and the table of `python -m models fits`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models.catalogue import LocalModel, find_models
from models.fits import Machine, needs_of
from models.fitting import fitting
from models.plans import Needs, Way, limited, plan_for
from models.tiny import build_tiny_model

_GIB = 2**30
_HALF = Machine(budget=_GIB, half=True, fused=True)


def test_what_was_traced_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_model(tmp_path / "models" / "tiny")
    models, cache = find_models([tmp_path / "models"]), tmp_path / "needs.json"
    first = fitting(models, _HALF, cache=cache)
    monkeypatch.setattr("models.fitting.needs_of", None)
    assert fitting(models, _HALF, cache=cache) == first
    assert first[0].plan is not None and first[0].plan.way(32 * 32) is Way.PLAIN
    # One that can draw nothing here is not offered.
    assert fitting(models, replace(_HALF, budget=1), cache=cache) == []


@pytest.mark.parametrize("entry", [{"unet": 1}, {"unet": 1, "weights": 2}, [1], None])
def test_what_cannot_be_read_is_traced_anew(tmp_path: Path, entry: object) -> None:
    build_tiny_model(tmp_path / "models" / "tiny")
    models, cache = find_models([tmp_path / "models"]), tmp_path / "needs.json"
    first = fitting(models, _HALF, cache=cache)
    good = cache.read_text()
    for spoilt in (json.dumps(dict.fromkeys(json.loads(good), entry)), json.dumps(entry), "{"):
        cache.write_text(spoilt)
        assert fitting(models, _HALF, cache=cache) == first
        assert cache.read_text() == good
    assert {path.name for path in tmp_path.iterdir()} == {"models", "needs.json"}


def test_another_diffusers_or_another_reckoning_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_tiny_model(tmp_path / "models" / "tiny")
    models, cache = find_models([tmp_path / "models"]), tmp_path / "needs.json"
    fitting(models, _HALF, cache=cache)
    traced: list[str] = []

    def counted(model: LocalModel, machine: Machine) -> Needs:
        traced.append(model.spec.name)
        return needs_of(model, machine)

    monkeypatch.setattr("models.fitting.needs_of", counted)
    fitting(models, _HALF, cache=cache)
    assert traced == []
    monkeypatch.setattr("models.fitting.version", lambda _name: "0.0.1")
    fitting(models, _HALF, cache=cache)
    monkeypatch.setattr("models.fitting._FORMAT", 0)
    fitting(models, _HALF, cache=cache)
    assert traced == ["tiny", "tiny"]


def test_limits_follow_what_fits(tmp_path: Path) -> None:
    build_tiny_model(tmp_path / "tiny")
    (model,) = find_models([tmp_path])
    needs = needs_of(model, _HALF)
    ample, none = plan_for(needs, _GIB, model.spec.max_side**2), plan_for(needs, 1000, 64**2)
    assert limited(model.spec, ample) == replace(model.spec, memory="plain")
    assert limited(model.spec, none) is None
    small = replace(ample, most=(0, 0, 0, 40 * 40))
    spec = limited(model.spec, small)
    assert spec is not None
    assert (spec.memory, spec.max_pixels, spec.max_side) == ("offloaded", 1600, 64)
    assert spec.has_room(64, 16) and not spec.has_room(64, 32)


def test_a_latent_upscaler_is_bounded_by_the_memory_too(tmp_path: Path) -> None:
    from models.tiny.upscaler import build_tiny_latent_upscaler

    build_tiny_latent_upscaler(tmp_path / "x2")
    (upscaler,) = find_models([tmp_path])
    upscaler = replace(upscaler, spec=replace(upscaler.spec, max_side=2048))
    needs = needs_of(upscaler, _HALF)
    (small,) = fitting([upscaler], replace(_HALF, budget=needs.takes(Way.OFFLOADED, 512**2)))
    assert small.plan is not None and small.plan.way(512**2) is Way.OFFLOADED
    assert small.spec.max_pixels == small.plan.max_pixels and small.spec.max_pixels >= 512**2
    assert not small.spec.has_room(1024, 1024)
    (large,) = fitting([upscaler], _HALF)
    assert large.plan is not None and large.spec.max_pixels is None and large.plan.way(512**2) is Way.PLAIN


def test_the_table_for_a_card_that_is_not_here() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "models", "fits", "--memory", "8"], capture_output=True, text=True, check=True
    ).stdout
    assert "6.8 GiB usable, fp16" in told
    assert "Atelier starter" in told
    assert "128 x 128   yes" in told


def test_the_table_goes_on_after_a_model_that_cannot_be_weighed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        build_tiny_model(tmp_path / name, name=name)
    config = tmp_path / "a" / "vae" / "config.json"
    config.write_text(config.read_text().replace("UpDecoderBlock2D", "NoSuchBlock"))
    environment = {**os.environ, "ATELIER_MODEL_DIRS": str(tmp_path)}
    command = [sys.executable, "-m", "models", "fits", "--memory", "8"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert "A\n  what it takes is not known\n\nB\n     16 x 16    yes" in told
