"""Every architecture's picture equals the stock pipeline's, from a folder and from a single file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.request import Request
from core.stages import Decode, Denoise, EncodeText
from models.catalogue import find_models
from models.engine.api import ImageTask
from models.engine.engine import Engine
from tests.engine.stock import are_equal
from tests.engine.tiny_families import (
    CLIPS_WORDS,
    NEGATIVE,
    PROMPT,
    SIDE,
    drawn,
    local_model,
    request,
    saved,
    stock_picture,
)
from tests.files import original


@pytest.mark.parametrize("family", ["sd2", "sdxl", "ssd-1b", "vega"])
def test_a_folder_draws_as_the_stock_pipeline_does(family: str, tmp_path: Path) -> None:
    stock = saved(family, tmp_path / family)
    local = local_model(tmp_path)
    assert local.spec.architecture == family

    ours = drawn(local, request(family))

    assert are_equal(ours, stock_picture(stock))
    assert not are_equal(ours, stock_picture(stock, seed=6))
    assert not are_equal(ours, drawn(local, request(family, negative="")))


def test_sdxl_reads_a_missing_negative_prompt_as_zeros(tmp_path: Path) -> None:
    stock = saved("sdxl", tmp_path / "xl")

    assert are_equal(drawn(local_model(tmp_path), request("xl", negative="")), stock_picture(stock, None))


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_single_file_draws_as_its_folder_does(family: str, tmp_path: Path) -> None:
    stock = saved(family, tmp_path / "folders" / "it", CLIPS_WORDS)
    (tmp_path / "files" / "base").mkdir(parents=True)
    state = original.unet_state(stock.unet) | original.vae_state(stock.vae)
    if family == "sd1":
        state |= original.clip_state(stock.text_encoder, "cond_stage_model.transformer.")
    else:
        state |= original.clip_state(stock.text_encoder, "conditioner.embedders.0.transformer.")
        state |= original.open_clip_state(stock.text_encoder_2, "conditioner.embedders.1.model.")
    original.write_single_file(tmp_path / "files" / "base" / "it.safetensors", state)
    file, folder = local_model(tmp_path / "files"), local_model(tmp_path / "folders")

    assert file.spec.architecture == folder.spec.architecture == family
    assert are_equal(drawn(file, request("it")), drawn(folder, request("it")))


@pytest.mark.parametrize("family", ["sdxl", "ssd-1b", "vega"])
def test_a_base_hands_on_to_its_refiner(family: str, tmp_path: Path) -> None:
    base, refiner = saved(family, tmp_path / "base"), saved("sdxl-refiner", tmp_path / "refiner")
    models = find_models([tmp_path])
    text = EncodeText(prompt=PROMPT, negative_prompt=NEGATIVE)
    shared: dict[str, Any] = {
        "sampler": "Euler",
        "schedule": "normal",
        "steps": 6,
        "guidance_scale": 5.0,
        "width": SIDE,
        "height": SIDE,
    }
    stages = (text, Denoise(**shared, end=0.5), Denoise(**shared, start=0.5, model="refiner"), Decode())
    engine = Engine(models, device="cpu")
    try:
        ours = engine.submit(ImageTask(request=Request(model="base", seed=5, stages=stages))).result().image
    finally:
        engine.close()

    common: dict[str, Any] = {
        "negative_prompt": NEGATIVE,
        "num_inference_steps": 6,
        "guidance_scale": 5.0,
        "original_size": (SIDE, SIDE),
        "target_size": (SIDE, SIDE),
        "generator": torch.Generator().manual_seed(5),
    }
    for pipe in (base, refiner):
        pipe.set_progress_bar_config(disable=True)
    latents = base(PROMPT, width=SIDE, height=SIDE, denoising_end=0.5, output_type="latent", **common).images
    stock = refiner(PROMPT, image=latents, denoising_start=0.5, **common).images[0]
    assert are_equal(ours, stock)
