"""ControlNets and IP-Adapters on other families, and on a UNet that was trained to inpaint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import ControlNetModel

from core.guides import ControlUnit, Reference
from core.samplers import SAMPLERS
from core.stages import Denoise, EncodeImage
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.autoencoder import fit
from models.engine.engine import Engine
from models.tiny import build_tiny_model
from models.tiny.addons import build_tiny_controlnet, build_tiny_ip_adapter
from tests.control.stock import DISC, FLOWER, MASK, PICTURES, controlled, draw
from tests.engine.stock import are_equal
from tests.engine.test_families import request, saved, stock_picture


def _engine(directory: Path) -> Engine:
    return Engine(find_models([directory]), device="cpu", addons=find_addons([directory]))


@pytest.mark.parametrize(("family", "pipeline"), [("sd2", ""), ("sdxl", "XL")])
def test_every_family_is_controlled_as_the_stock_pipeline_does(
    family: str, pipeline: str, tmp_path: Path
) -> None:
    import diffusers

    stock = saved(family, tmp_path / family)
    net = build_tiny_controlnet(tmp_path / "controlnet" / "canny", tmp_path / family)
    adapter = build_tiny_ip_adapter(tmp_path / "ip-adapter" / "plain", tmp_path / family)
    units = (ControlUnit(model="canny", image=DISC, end=0.75),)
    references = (Reference(model="plain", images=(FLOWER,), scale=0.8),)
    engine = _engine(tmp_path)
    ours = draw(engine, request(family, controls=units, references=references)).image
    free = draw(engine, request(family)).image
    engine.close()

    guided: Any = getattr(diffusers, f"StableDiffusion{pipeline}ControlNetPipeline")(
        **stock.components,
        controlnet=ControlNetModel.from_pretrained(net),
        **({} if pipeline else {"requires_safety_checker": False}),
    )
    guided.load_ip_adapter(str(adapter), subfolder="", weight_name="ip-adapter_tiny.safetensors")
    guided.set_ip_adapter_scale(0.8)

    def make(seed: int) -> Any:
        return stock_picture(_Given(guided), seed=seed)

    assert are_equal(ours, make(5))
    assert not are_equal(ours, make(6))
    assert not are_equal(ours, free)


class _Given:
    """A pipeline that is given its map and reference with every call."""

    def __init__(self, pipeline: Any) -> None:
        self.__dict__["pipeline"] = pipeline

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pipeline, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.pipeline, name, value)

    def __call__(self, *words: Any, original_size: Any = None, **options: Any) -> Any:
        sizes = {"original_size": original_size, "target_size": original_size} if original_size else {}
        side = options["width"], options["height"]
        return self.pipeline(
            *words,
            image=fit(PICTURES[DISC], *side),
            ip_adapter_image=[[PICTURES[FLOWER]]],
            control_guidance_end=0.75,
            **options,
            **sizes,
        )


def test_a_unet_that_inpaints_is_controlled_too(tmp_path: Path) -> None:
    from diffusers import DDIMScheduler, StableDiffusionControlNetInpaintPipeline

    usual = build_tiny_model(tmp_path / "elsewhere" / "usual")
    inpaints = build_tiny_model(tmp_path / "models" / "tiny", in_channels=9)
    net = build_tiny_controlnet(tmp_path / "models" / "controlnet" / "canny", usual)
    plain = controlled({}, sampler="DDIM")
    text, denoise, decode = plain.stages
    assert isinstance(denoise, Denoise)
    side = denoise.width, denoise.height
    source = EncodeImage(image=FLOWER, width=side[0], height=side[1])
    wanted = replace(plain, stages=(text, source, replace(denoise, strength=0.9, mask=MASK), decode))
    engine = _engine(tmp_path / "models")
    ours = draw(engine, wanted).image
    engine.close()

    stock = StableDiffusionControlNetInpaintPipeline.from_pretrained(
        inpaints, controlnet=ControlNetModel.from_pretrained(net), local_files_only=True
    )
    stock.scheduler = DDIMScheduler.from_config(stock.scheduler.config, **SAMPLERS["DDIM"].config)
    stock.set_progress_bar_config(disable=True)

    def make(seed: int) -> Any:
        return stock(
            wanted.text.prompt,
            image=PICTURES[FLOWER],
            mask_image=fit(PICTURES[MASK].convert("L"), *side),
            control_image=PICTURES[DISC],
            controlnet_conditioning_scale=1.0,
            strength=0.9,
            num_inference_steps=denoise.steps,
            guidance_scale=denoise.guidance_scale,
            generator=torch.Generator().manual_seed(seed),
        ).images[0]

    assert are_equal(ours, make(wanted.seed))
    assert not are_equal(ours, make(wanted.seed + 1))
