"""The `parameters` text of A1111's web UI, which its users and their tools know, written and read.

See <https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features#png-info>: the prompt, a line that
begins with "Negative prompt: ", and a last line of settings, `Name: value` with commas between. Values with
a comma, a colon or a line's end in them are JSON strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.guides import ControlUnit, Reference
from core.prompt.spoken import spoken
from core.recipe import Recipe
from core.request import Request
from core.samplers import SAMPLERS
from core.stages import Denoise, EncodeText, Upscale

_NEGATIVE = "Negative prompt: "
# Nothing in it gives back what it took, so that a line takes time in proportion to its length.
_SETTING = re.compile(r'(?:\A|,)\s*+(\w[\w \-/]*+): ("(?:\\.|[^\\"])*+"|[^,]*+)(?=,|\Z)')
#: A line is one of settings where it holds so many, as A1111 itself tells.
_LEAST_SETTINGS = 3


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What such a text says."""

    prompt: str
    negative: str = ""
    #: Names to values, in their order.
    settings: Mapping[str, str] = field(default_factory=dict)


def parse_parameters(text: str) -> Parameters:
    """Read the text; what is no line of settings belongs to the prompts."""
    *lines, last = text.strip().split("\n")
    found = list(_SETTING.finditer(last))
    if len(found) < _LEAST_SETTINGS:
        lines, found = [*lines, last], []
    prompt, _, negative = "\n".join(["", *lines]).partition(f"\n{_NEGATIVE}")
    settings = {match[1].strip(): _unquoted(match[2].strip()) for match in found}
    return Parameters(prompt=prompt.strip(), negative=negative.strip(), settings=settings)


def parameters_text(recipe: Recipe) -> str:
    """How an image was made, its choices drawn."""
    request = recipe.request
    text = next((stage for stage in request.stages if isinstance(stage, EncodeText)), None)
    lines = []
    if text is not None:
        words = spoken(text, recipe.seed)
        tags = (f" <lora:{adapter.name}:{adapter.weight:g}>" for adapter in request.adapters)
        lines.append(words.prompt_text + "".join(tags))
        if words.negative_text:
            lines.append(_NEGATIVE + words.negative_text)
    elif recipe.caption:
        lines.append(recipe.caption)
    settings = ", ".join(f"{name}: {_quoted(str(value))}" for name, value in _settings(recipe))
    return "\n".join([*lines, settings])


def _settings(recipe: Recipe) -> Iterator[tuple[str, object]]:
    request = recipe.request
    passes = [stage for stage in request.stages if isinstance(stage, Denoise)]
    hires = _is_hires(passes)
    yield from _sampling(passes)
    yield "Seed", recipe.seed
    size = (passes[0].width, passes[0].height) if hires else request.size
    if size is not None:
        yield "Size", f"{size[0]}x{size[1]}"
    if recipe.model:
        yield "Model hash", recipe.weights_hash[:10]
        yield "Model", recipe.model
    if request.vae is not None:
        yield "VAE", request.vae
    if passes:
        yield from _drawing(recipe, passes[0], passes[-1])
    if hires:
        yield "Hires upscale", f"{passes[-1].width / passes[0].width:g}"
        yield "Hires steps", passes[-1].steps
        yield "Hires upscaler", "Latent"
    yield from _guides(passes)
    yield from _upscaling(request)
    yield "Version", "Atelier"


def _is_hires(passes: list[Denoise]) -> bool:
    """Drawn from noise, and again in a larger size."""
    return len(passes) > 1 and passes[0].strength is None and passes[-1].width > passes[0].width


def _sampling(passes: list[Denoise]) -> Iterator[tuple[str, object]]:
    if passes:
        last = passes[-1]
        yield "Steps", last.steps
        yield "Sampler", last.sampler
        yield "Schedule type", "Automatic" if last.schedule == "normal" else last.schedule.capitalize()
        yield "CFG scale", f"{last.guidance_scale:g}"


def _drawing(recipe: Recipe, first: Denoise, last: Denoise) -> Iterator[tuple[str, object]]:
    """What is written only where it is not as usual."""
    request = recipe.request
    if last.strength is not None:
        yield "Denoising strength", f"{last.strength:g}"
    if request.text.clip_skip > 1:
        yield "Clip skip", request.text.clip_skip
    if first.variation is not None and first.variation.strength > 0:
        yield "Variation seed", request.variation_seed(first.variation, recipe.image_index)
        yield "Variation seed strength", f"{first.variation.strength:g}"
    if SAMPLERS[last.sampler].takes_eta and last.eta:
        yield "Eta DDIM", f"{last.eta:g}"
    if last.noise_scale != 1:
        yield "Sigma noise", f"{last.noise_scale:g}"
    if last.tiling:
        yield "Tiling", True
    if last.model is not None:
        yield "Refiner", last.model
        yield "Refiner switch at", f"{last.start:g}"


def _guides(passes: list[Denoise]) -> Iterator[tuple[str, object]]:
    """ControlNets and IP-Adapters, which A1111's extension counts together."""
    units = [
        *(_control(unit) for stage in passes[:1] for unit in stage.controls),
        *(_reference(reference) for stage in passes[:1] for reference in stage.references),
    ]
    for number, unit in enumerate(units):
        yield f"ControlNet {number}", ", ".join(f"{name}: {value}" for name, value in unit.items())


def _control(unit: ControlUnit) -> dict[str, object]:
    low, high = unit.thresholds
    finds_edges = unit.preprocessor in ("canny", "scribble")
    thresholds = {"Threshold A": low, "Threshold B": high} if finds_edges else {}
    return {
        "Module": unit.preprocessor or "none",
        "Model": unit.model,
        "Weight": f"{unit.scale:g}",
        "Resize Mode": "Crop and Resize",
        **thresholds,
        "Guidance Start": f"{unit.start:g}",
        "Guidance End": f"{unit.end:g}",
        "Control Mode": "Balanced",
    }


def _reference(reference: Reference) -> dict[str, object]:
    return {"Module": "ip-adapter", "Model": reference.model, "Weight": f"{reference.scale:g}"}


def _upscaling(request: Request) -> Iterator[tuple[str, object]]:
    last = request.stages[-1]
    if isinstance(last, Upscale):
        yield "Postprocess upscale by", last.scale
        yield "Postprocess upscaler", last.upscaler


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n]", value) else value


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value
