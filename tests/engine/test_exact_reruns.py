"""A rerun gives the same bytes, whatever shares its batches."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from pathlib import Path

import torch

from core.request import Request
from models.catalogue import LocalModel
from models.engine.api import FinishedImage, ImageTask
from models.engine.engine import Engine
from tests.engine.stock import make_request, mixed_requests


def _make(engine: Engine, requests: list[Request]) -> list[FinishedImage]:
    return [image.result() for image in [engine.submit(ImageTask(request=request)) for request in requests]]


def test_shuffled_in_other_company(engine: Engine) -> None:
    originals = _make(engine, mixed_requests(16))
    assert len({width for image in originals for width, _ in image.recipe.widths[0]}) > 1
    assert all(image.recipe.fingerprint.exact for image in originals)
    order = random.Random(2).sample(range(16), 16)
    again = {}
    for number, stranger in zip(order, mixed_requests(16, seed=3), strict=True):
        original = originals[number]
        again[number] = engine.submit(ImageTask(request=original.recipe.request, replay=original.recipe))
        engine.submit(ImageTask(request=stranger))
    for number, image in again.items():
        assert image.result().png() == originals[number].png()


def test_48_requests_in_a_restarted_process(engine: Engine, model_dir: Path, tmp_path: Path) -> None:
    expected = {}
    names = random.Random(4).sample(range(48), 48)
    for name, image in zip(names, _make(engine, mixed_requests(48)), strict=True):
        (tmp_path / f"{name:02}.png").write_bytes(image.png())
        expected[f"{name:02}.png"] = hashlib.sha256(image.png()).hexdigest()
    command = [sys.executable, "-m", "tests.engine.rerun", str(model_dir), str(tmp_path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    assert dict(line.split() for line in printed.splitlines()) == expected


def test_widths_come_back(engine: Engine) -> None:
    """Left to itself an image meets other widths than in company; its replay meets the same ones again."""
    wide = _make(engine, [make_request(seed=seed, steps=20) for seed in range(8)])
    assert (8, 19) in wide[0].recipe.widths[0] or (8, 20) in wide[0].recipe.widths[0]
    alone = _make(engine, [wide[0].recipe.request])[0]
    assert alone.recipe.widths == (((1, 20),),)
    replayed = engine.submit(ImageTask(request=wide[0].recipe.request, replay=wide[0].recipe)).result()
    assert replayed.recipe == wide[0].recipe
    assert replayed.png() == wide[0].png()


def test_new_rows_fill_the_slack_of_a_replay(engine: Engine) -> None:
    original = _make(engine, [make_request(seed=seed, steps=30) for seed in range(8)])[0]
    replay = engine.submit(ImageTask(request=original.recipe.request, replay=original.recipe))
    rider = engine.submit(ImageTask(request=make_request(seed=100, steps=5)))
    assert max(width for width, _ in rider.result().recipe.widths[0]) == 8
    assert replay.result().png() == original.png()


def test_a_row_is_independent_of_slot_companions_and_padding(models: list[LocalModel]) -> None:
    """Straight on the UNet, for each width: the property that everything above stands on."""
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(models[0].path / "unet", local_files_only=True)
    generator = torch.Generator().manual_seed(0)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    mine, text = noise(1, 4, 4, 4), noise(1, 77, 32)
    for width in (1, 2, 4, 8, 16):
        seen = []
        for slot in (0, width // 2, width - 1):
            latents, texts = noise(width, 4, 4, 4) * 5, noise(width, 77, 32)
            latents[slot], texts[slot] = mine[0], text[0]
            times = torch.full((width,), 300.0)
            times[slot] = 500.0
            with torch.inference_mode():
                seen.append(unet(latents, times, texts, return_dict=False)[0][slot])
        assert all(torch.equal(one, seen[0]) for one in seen)


def test_replay_of_another_request_fails(engine: Engine) -> None:
    original = _make(engine, [make_request(steps=6)])[0]
    failed = engine.submit(ImageTask(request=make_request(steps=7), replay=original.recipe))
    assert "6 UNet calls" in str(failed.exception())
