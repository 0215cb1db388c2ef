"""Modes that take more than the base model: a UNet of nine channels, guides, a refiner, a latent upscaler.

Upscaling by a network and in tiles is not among them: diffusers has no pipeline for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from bench.mode import Mode
from core.guides import ControlUnit, Reference
from core.request import Request
from core.samplers import SAMPLERS
from core.settings import STARTER_MODEL_DIR
from core.stages import Decode, EncodeImage, UpscaleLatents
from models.catalogue import LocalModel
from tests.engine.stock import SOURCE, Stock, given, make_picture_request, make_request

_SIDE = 128
_SIZE = {"width": _SIDE, "height": _SIDE}
#: Outpainting draws over a canvas that is wider than the picture.
_CANVAS = {"width": 192, "height": _SIDE}


def guided_modes(starter: LocalModel, stock: Stock, folder: Path) -> list[Mode]:
    """Their further models are written into the folder, from which the engine is to read them."""
    inputs = given(_SIDE, _SIDE)
    nine = _nine_channels(stock, folder)
    masked = replace(make_picture_request(masked=True, steps=20, **_SIZE), model=nine)
    canvas = make_picture_request(masked=True, composited=True, steps=10, **_CANVAS | {"strength": 1.0})
    mapped = make_request(controls=(ControlUnit(model="lines", image=SOURCE),), steps=10, **_SIZE)
    referred = make_request(
        references=(Reference(model="ip-adapter", images=(SOURCE,), scale=0.6),), steps=10, **_SIZE
    )
    name, wide = starter.spec.name, given(**_CANVAS)
    inpaint = _pipeline(stock, "StableDiffusionInpaintPipeline", unet=_unet(folder / nine))
    return [
        _mode("inpainting, nine channels", masked, inputs, lambda: _inpainted(inpaint, masked, inputs)),
        _mode("outpainting", replace(canvas, model=name), wide, lambda: _outpainted(stock, canvas, wide)),
        _mode("ControlNet", replace(mapped, model=name), inputs, _controlled(stock, mapped, inputs)),
        _mode("IP-Adapter", replace(referred, model=name), inputs, _referred(starter, referred, inputs)),
        _refined(folder),
        _upscaled(folder, inputs),
    ]


def _mode(name: str, request: Request, inputs: dict[str, Image.Image], stock: Callable[[], object]) -> Mode:
    return Mode(name=name, request=request, inputs=inputs, stock=stock)


def _nine_channels(stock: Stock, folder: Path) -> str:
    """The starter with a UNet that also sees mask and masked picture, which it was not taught; its name."""
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel

    unet = UNet2DConditionModel.from_config({**stock.text.unet.config, "in_channels": 9})
    weights = dict(stock.text.unet.state_dict())
    first = weights["conv_in.weight"]
    weights["conv_in.weight"] = torch.cat([first, torch.zeros(len(first), 5, *first.shape[2:])], dim=1)
    unet.load_state_dict(weights)
    parts = {**stock.text.components, "unet": unet, "requires_safety_checker": False}
    StableDiffusionPipeline(**parts).save_pretrained(folder / "nine", safe_serialization=True)
    return "nine"


def _unet(model: Path) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel.from_pretrained(model / "unet", local_files_only=True)


def _pipeline(stock: Stock, kind: str, **parts: Any) -> Any:
    """A stock pipeline of the starter's parts with Euler's scheduler."""
    import diffusers

    made = getattr(diffusers, kind)(**{**stock.text.components, **parts}, requires_safety_checker=False)
    return _ready(made)


def _ready(pipeline: Any) -> Any:
    from diffusers import EulerDiscreteScheduler

    options = SAMPLERS["Euler"].config
    pipeline.scheduler = EulerDiscreteScheduler.from_config(pipeline.scheduler.config, **options)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _call(pipeline: Any, request: Request, **options: Any) -> Any:
    import torch

    return pipeline(
        request.text.prompt,
        # None, as nothing is left out: SDXL's pipelines would read an empty text.
        negative_prompt=request.text.negative_prompt or None,
        num_inference_steps=request.denoise.steps,
        guidance_scale=request.denoise.guidance_scale,
        generator=torch.Generator().manual_seed(request.seed),
        **options,
    ).images


def _outpainted(stock: Stock, request: Request, inputs: dict[str, Image.Image]) -> Image.Image:
    """With the given part laid over it again, as people do."""
    picture, mask = inputs.values()
    return Image.composite(stock.make(request, inputs=inputs), picture, mask)


def _inpainted(pipeline: Any, request: Request, inputs: dict[str, Image.Image]) -> Any:
    picture, mask = inputs.values()
    strength = request.denoise.strength
    return _call(pipeline, request, image=picture, mask_image=mask, strength=strength, **_SIZE)


def _controlled(stock: Stock, request: Request, inputs: dict[str, Image.Image]) -> Callable[[], Any]:
    from diffusers import ControlNetModel

    net = ControlNetModel.from_pretrained(STARTER_MODEL_DIR / "controlnet", local_files_only=True)
    pipeline = _pipeline(stock, "StableDiffusionControlNetPipeline", controlnet=net)
    return lambda: _call(pipeline, request, image=inputs[SOURCE], **_SIZE)


def _referred(starter: LocalModel, request: Request, inputs: dict[str, Image.Image]) -> Callable[[], Any]:
    from diffusers import StableDiffusionPipeline

    # Of its own parts: an IP-Adapter changes the UNet.
    pipeline = _ready(StableDiffusionPipeline.from_pretrained(starter.path, local_files_only=True))
    adapter = STARTER_MODEL_DIR / "ip-adapter"
    pipeline.load_ip_adapter(
        str(adapter), subfolder="", weight_name="ip-adapter.safetensors", local_files_only=True
    )
    pipeline.set_ip_adapter_scale(request.denoise.references[0].scale)
    return lambda: _call(pipeline, request, ip_adapter_image=inputs[SOURCE], **_SIZE)


def _refined(folder: Path) -> Mode:
    """On tiny models of SDXL's shape: the starter has no refiner."""
    from tests.engine.tiny_families import saved

    base, refiner = (_ready(saved(kind, folder / kind)) for kind in ("sdxl", "sdxl-refiner"))
    whole = make_request(steps=10, **_SIZE)
    text, denoise, decode = whole.stages
    parts = (replace(denoise, end=0.8), replace(denoise, start=0.8, model="sdxl-refiner"))
    request = replace(whole, model="sdxl", stages=(text, *parts, decode))
    sizes = {"original_size": (_SIDE, _SIDE), "target_size": (_SIDE, _SIDE)}

    def stock() -> Any:
        latents = _call(base, whole, denoising_end=0.8, output_type="latent", **_SIZE, **sizes)
        return _call(refiner, whole, image=latents, denoising_start=0.8, **sizes)

    return Mode(name="refiner", request=request, stock=stock)


def _upscaled(folder: Path, inputs: dict[str, Image.Image]) -> Mode:
    """On a tiny upscaler: the starter has none of latents."""
    from diffusers import StableDiffusionLatentUpscalePipeline

    from models.tiny.upscaler import build_tiny_latent_upscaler

    path = build_tiny_latent_upscaler(folder / "tiny-x2")
    pipeline = StableDiffusionLatentUpscalePipeline.from_pretrained(path, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    twice = UpscaleLatents(steps=10, guidance_scale=1.0, width=2 * _SIDE, height=2 * _SIDE)
    text = make_request().text
    stages = (text, EncodeImage(image=SOURCE, **_SIZE), twice, Decode())
    request = Request(model="tiny-x2", seed=7, stages=stages)
    return Mode(
        name="latent upscaler",
        request=request,
        inputs=inputs,
        stock=lambda: _call(pipeline, request, image=inputs[SOURCE]),
    )
