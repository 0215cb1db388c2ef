"""Tiny models of every family: as folders, as the stock pipelines hold them, and what both are asked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

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
from tests.files import families

SIDE = 64
_END = "<|endoftext|>"
CLIPS_WORDS, BYTES_WORDS = 49408, 514
PROMPT, NEGATIVE = "a red fox in the snow", "blue"


def tokenizer(words: int, pad: str) -> Any:
    """CLIP's own, or one of single bytes, whose encoders are a hundred times smaller."""
    if words == CLIPS_WORDS:
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


def saved(family: str, folder: Path, words: int = BYTES_WORDS) -> Any:
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
