"""The stock diffusers pipelines with ControlNets and IP-Adapters, and requests for both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from core.guides import ControlUnit, Reference
from core.request import Request
from core.samplers import SAMPLERS, SCHEDULES
from core.stages import Denoise, EncodeImage
from models.engine.api import FinishedImage, ImageTask
from models.engine.engine import Engine
from models.engine.framing import fit
from tests.control.pictures import disc
from tests.engine.stock import SIDE, make_request

#: Pictures that requests may name, by SHA-256.
PICTURES = {
    hashlib.sha256(picture.tobytes()).hexdigest(): picture
    for picture in (
        disc((SIDE, SIDE)),
        disc((SIDE, SIDE), colour="yellow", ground="green"),
        disc((48, 40), colour="white", ground="black"),
    )
}
DISC, FLOWER, MASK = PICTURES


def with_source(request: Request, strength: float, mask: str | None = None) -> Request:
    """The same from a picture instead of from noise alone."""
    text, denoise, decode = request.stages
    assert isinstance(denoise, Denoise)
    source = EncodeImage(image=FLOWER, width=denoise.width, height=denoise.height)
    changed = replace(denoise, strength=strength, mask=mask)
    return replace(request, stages=(text, source, changed, decode))


def controlled(*units: dict[str, Any], **denoise: Any) -> Request:
    """A request under ControlNets; the first is named "canny", the second "depth"."""
    names = ("canny", "depth", "canny")
    controls = tuple(
        ControlUnit(**{"model": name, "image": DISC, **unit})
        for name, unit in zip(names, units, strict=False)
    )
    return make_request(controls=controls, **denoise)


def referred(*references: Reference, **denoise: Any) -> Request:
    return make_request(references=references, **denoise)


def draw(engine: Engine, request: Request) -> FinishedImage:
    return engine.submit(ImageTask(request=request, inputs=PICTURES)).result()


class ControlStock:
    """Makes a request by the stock pipeline for it."""

    def __init__(self, model: Path, nets: Mapping[str, Path], adapters: Mapping[str, Path]) -> None:
        from diffusers import ControlNetModel, StableDiffusionPipeline

        self._model = model
        self._adapters = adapters
        self._nets = {name: ControlNetModel.from_pretrained(path) for name, path in nets.items()}
        base = StableDiffusionPipeline.from_pretrained(model, local_files_only=True, use_safetensors=True)
        self._config = dict(base.scheduler.config)

    def make(self, request: Request, maps: Sequence[Image.Image], seed: int | None = None) -> Image.Image:
        """
        Args:
            maps: a ready map for each ControlNet.
        """
        import torch

        denoise, text = request.denoise, request.text
        pipeline = self._pipeline(request)
        arguments: dict[str, Any] = {
            "num_inference_steps": denoise.steps,
            "guidance_scale": denoise.guidance_scale,
            "generator": torch.Generator().manual_seed(request.seed if seed is None else seed),
            **self._controls(denoise, maps),
            **self._source(denoise, bool(maps)),
        }
        if denoise.references:
            pipeline.set_ip_adapter_scale([reference.scale for reference in denoise.references])
            arguments["ip_adapter_image"] = [
                [PICTURES[image] for image in reference.images] for reference in denoise.references
            ]
        return pipeline(text.prompt, negative_prompt=text.negative_prompt, **arguments).images[0]

    def _pipeline(self, request: Request) -> Any:
        import diffusers

        denoise = request.denoise
        mode = "" if denoise.strength is None else "Inpaint" if denoise.mask else "Img2Img"
        nets = [self._nets[unit.model] for unit in denoise.controls]
        kind = f"StableDiffusionControlNet{mode}Pipeline" if nets else f"StableDiffusion{mode}Pipeline"
        extra = {"controlnet": nets if len(nets) > 1 else nets[0]} if nets else {}
        pipeline = getattr(diffusers, kind).from_pretrained(
            self._model, local_files_only=True, use_safetensors=True, **extra
        )
        if denoise.references:
            names = [reference.model for reference in denoise.references]
            pipeline.load_ip_adapter(
                [str(self._adapters[name]) for name in names],
                subfolder="",
                weight_name=["ip-adapter_tiny.safetensors"] * len(names),
                local_files_only=True,
            )
        sampler = SAMPLERS[denoise.sampler]
        pipeline.scheduler = getattr(diffusers, sampler.scheduler).from_config(
            self._config, **sampler.config, **SCHEDULES[denoise.schedule].config
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def _controls(self, denoise: Denoise, maps: Sequence[Image.Image]) -> dict[str, Any]:
        if not maps:
            return {}
        units = denoise.controls
        several = len(units) > 1
        picture = "image" if denoise.strength is None else "control_image"
        return {
            picture: list(maps) if several else maps[0],
            "controlnet_conditioning_scale": [unit.scale for unit in units] if several else units[0].scale,
            "control_guidance_start": [unit.start for unit in units] if several else units[0].start,
            "control_guidance_end": [unit.end for unit in units] if several else units[0].end,
        }

    def _source(self, denoise: Denoise, controlled: bool) -> dict[str, Any]:
        sides = {"width": denoise.width, "height": denoise.height}
        if denoise.strength is None:
            return sides
        source: dict[str, Any] = {"image": PICTURES[FLOWER], "strength": denoise.strength}
        if denoise.mask:
            # The stock pipelines squeeze a mask of other proportions, where the engine crops it.
            source["mask_image"] = fit(PICTURES[denoise.mask].convert("L"), denoise.width, denoise.height)
        return source | (sides if controlled or denoise.mask else {})
