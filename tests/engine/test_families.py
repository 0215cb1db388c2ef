"""Every architecture's picture equals the stock pipeline's, from a folder and from a single file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    EulerDiscreteScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
)
from PIL import Image

from core.request import Request
from core.stages import Decode, Denoise, EncodeText
from models.catalogue import LocalModel, find_models
from models.engine.api import ImageTask
from models.engine.engine import Engine
from models.files.clip import clip_tokenizer
from models.tiny import make_tokenizer
from tests.engine.stock import are_equal
from tests.files import families, original

SIDE = 64
_END = "<|endoftext|>"
_CLIPS_WORDS, _BYTES_WORDS = 49408, 514
PROMPT, NEGATIVE = "a red fox in the snow", "blue"


def tokenizer(words: int, pad: str) -> Any:
    """CLIP's own, or one of single bytes, whose encoders are a hundred times smaller."""
    if words == _CLIPS_WORDS:
        return clip_tokenizer(pad=pad)
    made = make_tokenizer()
    made.pad_token = pad
    return made


def pipeline(family: str, words: int) -> Any:
    """A tiny model of the family as the stock pipeline holds it; its pictures have contrast."""
    # Enough layers for some to be skipped.
    encoder = partial(families.text_encoder, words=words, layers=3)
    torch.manual_seed(3)
    parts: dict[str, Any] = {"unet": families.unet(family), "vae": vivid(families.vae(family))}
    if family in ("sd1", "sd2"):
        width = parts["unet"].config.cross_attention_dim
        second = family == "sd2"
        return StableDiffusionPipeline(
            **parts,
            text_encoder=encoder(width, act="gelu" if second else "quick_gelu"),
            tokenizer=tokenizer(words, "!" if second else _END),
            scheduler=DDIMScheduler(
                beta_start=0.00085,
                beta_end=0.012,
                beta_schedule="scaled_linear",
                clip_sample=False,
                set_alpha_to_one=False,
                steps_offset=1,
                prediction_type="v_prediction" if second else "epsilon",
            ),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        timestep_spacing="leading",
        steps_offset=1,
    )
    if family == "sdxl-refiner":
        return StableDiffusionXLImg2ImgPipeline(
            **parts,
            text_encoder=None,
            tokenizer=None,
            text_encoder_2=encoder(1280, act="gelu", projected=True, projection=64),
            tokenizer_2=tokenizer(words, "!"),
            scheduler=scheduler,
            requires_aesthetics_score=True,
            force_zeros_for_empty_prompt=False,
            add_watermarker=False,
        )
    return StableDiffusionXLPipeline(
        **parts,
        text_encoder=encoder(768),
        tokenizer=tokenizer(words, _END),
        text_encoder_2=encoder(1280, act="gelu", projected=True, projection=64),
        tokenizer_2=tokenizer(words, "!"),
        scheduler=scheduler,
        add_watermarker=False,
    )


def saved(family: str, folder: Path, words: int = _BYTES_WORDS) -> Any:
    """The tiny model as a folder, and as the stock pipeline reads it from there."""
    made = pipeline(family, words)
    made.save_pretrained(folder, safe_serialization=True)
    return type(made).from_pretrained(folder, local_files_only=True, use_safetensors=True)


def vivid(vae: Any) -> Any:
    """Random decoders draw nearly flat gray; stretch this one to the contrast of a picture."""
    with torch.no_grad():
        spread = vae.decode(torch.randn(1, 4, 8, 8) * 3).sample.std()
        vae.decoder.conv_out.weight.mul_(0.4 / spread)
    return vae


def request(model: str, *, negative: str = NEGATIVE, seed: int = 5, **denoise: Any) -> Request:
    values = {"steps": 4, "guidance_scale": 5.0, "width": SIDE, "height": SIDE, **denoise}
    stages = (
        EncodeText(prompt=PROMPT, negative_prompt=negative),
        Denoise(sampler="Euler", schedule="normal", **values),
        Decode(),
    )
    return Request(model=model, seed=seed, stages=stages)


def stock_picture(pipe: Any, negative: str | None = NEGATIVE, seed: int = 5) -> Image.Image:
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = EulerDiscreteScheduler.from_config(pipe.scheduler.config)
    generator = torch.Generator().manual_seed(seed)
    options = {} if isinstance(pipe, StableDiffusionPipeline) else {"original_size": (SIDE, SIDE)}
    return pipe(
        PROMPT,
        negative_prompt=negative,
        num_inference_steps=4,
        guidance_scale=5.0,
        width=SIDE,
        height=SIDE,
        generator=generator,
        **options,
    ).images[0]


def local_model(directory: Path) -> LocalModel:
    (found,) = find_models([directory])
    return found


def drawn(local: LocalModel, wanted: Request) -> Image.Image:
    engine = Engine([local], device="cpu")
    try:
        return engine.submit(ImageTask(request=replace(wanted, model=local.spec.name))).result().image
    finally:
        engine.close()


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
    stock = saved(family, tmp_path / "folders" / "it", _CLIPS_WORDS)
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
