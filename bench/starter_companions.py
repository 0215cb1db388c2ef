"""The companions' gates: control that is followed, enlargements that are sharper, words that are new.

Each function returns its figures by name; `bench/starter.py` prints them with their goals. DDIM, 20 steps,
guidance 4, fixed seeds, as for the base model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import cv2
import numpy as np
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetPipeline, StableDiffusionPipeline
from PIL import Image

from models.starter.checker import TAUGHT, check, see
from models.starter.companions.controlnet import colour_prompt
from models.starter.companions.edges import canny, edge_overlap
from models.starter.grammar import GROUPS, describe, scene_for
from models.starter.pipeline import draw_prompts
from models.starter.renderer import draw, pixels
from models.starter.scenes import TAUGHT_COLOURS, TAUGHT_STYLES, Scene, one_thing
from models.upscalers.rrdb import RRDBNet, load_rrdb

STYLE, COLOUR = TAUGHT_STYLES[0], next(iter(TAUGHT_COLOURS))
TOKEN = f"<{COLOUR}>"
COLOUR_ONLY = "a {c} thing on a {bg} background"
_SEED = 2_000_000


def _mean(values: list[bool] | list[float]) -> float:
    return float(np.mean(values))


def with_controlnet(pipe: StableDiffusionPipeline, weights: Path) -> StableDiffusionControlNetPipeline:
    """The base model's parts with the ControlNet that lies beside it."""
    net = ControlNetModel.from_pretrained(weights / "controlnet", use_safetensors=True, local_files_only=True)
    parts = pipe.components | {"controlnet": net.float(), "requires_safety_checker": False}
    controlled = StableDiffusionControlNetPipeline(**parts)
    controlled.set_progress_bar_config(disable=True)
    return controlled


def control_tries(
    pipe: StableDiffusionControlNetPipeline, count: int, scale: float
) -> Iterator[tuple[Scene, np.ndarray, Image.Image]]:
    """Scenes of all groups, their canny edges, and what is drawn of them from their colours alone."""
    scenes = [scene_for(Random(f"control {i}"), GROUPS[i % len(GROUPS)]) for i in range(count)]
    lines = [canny(pixels(scene)) for scene in scenes]
    prompts = [colour_prompt(scene, Random(0), COLOUR_ONLY) for scene in scenes]
    sheets = [Image.fromarray(line).convert("RGB") for line in lines]
    images = draw_prompts(pipe, prompts, _SEED, image=sheets, controlnet_conditioning_scale=scale)
    yield from zip(scenes, lines, images, strict=True)


def control(pipe: StableDiffusionPipeline, weights: Path, count: int) -> dict[str, float]:
    """How far the edges of pictures are those asked for, with and without the ControlNet."""
    controlled = with_controlnet(pipe, weights)
    found = {scale: list(control_tries(controlled, count, scale)) for scale in (1.0, 0.0)}
    overlaps = {
        scale: _mean([edge_overlap(canny(np.asarray(image)), line) for _, line, image in tries])
        for scale, tries in found.items()
    }
    right = [check(image, scene).ok for scene, _, image in found[1.0]]
    return {
        "ControlNet, edges with it": overlaps[1.0],
        "ControlNet, edges without it": overlaps[0.0],
        "ControlNet, everything right": _mean(right),
    }


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal-to-noise ratio of two byte pictures, dB."""
    error = float(((one.astype(np.float32) - other.astype(np.float32)) ** 2).mean())
    return 10 * np.log10(255**2 / max(1e-9, error))


@torch.no_grad()
def enlarged(net: RRDBNet, small: np.ndarray) -> np.ndarray:
    """A byte picture (h, w, 3) at twice its size."""
    sheet = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255
    return (net(sheet)[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()


def upscaling(_: StableDiffusionPipeline, weights: Path, count: int) -> dict[str, float]:
    """PSNR gained over bicubic on scenes drawn at 256 px and halved, dB."""
    net = load_rrdb(weights / "upscaler" / "starter-2x.safetensors")
    gains = []
    for i in range(count):
        large = pixels(scene_for(Random(f"upscaler {i}"), GROUPS[i % len(GROUPS)]), 2)
        small = cv2.resize(large, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        bicubic = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        gains.append(psnr(enlarged(net, small), large) - psnr(bicubic, large))
    return {"upscaler over bicubic": _mean(gains)}


@contextmanager
def with_lora(pipe: StableDiffusionPipeline, weights: Path) -> Iterator[StableDiffusionPipeline]:
    """The base model with the LoRA, which is taken out again."""
    pipe.load_lora_weights(
        weights / "lora", weight_name=f"{STYLE}.safetensors", adapter_name=STYLE, local_files_only=True
    )
    try:
        yield pipe
    finally:
        pipe.unload_lora_weights()


@contextmanager
def with_embedding(pipe: StableDiffusionPipeline, weights: Path) -> Iterator[StableDiffusionPipeline]:
    """The base model with the textual inversion, which is taken out again."""
    pipe.load_textual_inversion(
        weights / "embedding", weight_name=f"{COLOUR}.safetensors", local_files_only=True
    )
    try:
        yield pipe
    finally:
        pipe.unload_textual_inversion()


@contextmanager
def with_adapter(pipe: StableDiffusionPipeline, weights: Path) -> Iterator[StableDiffusionPipeline]:
    """The base model with the IP-Adapter, which is taken out again."""
    pipe.load_ip_adapter(
        weights / "ip-adapter", subfolder="", weight_name="ip-adapter.safetensors", local_files_only=True
    )
    try:
        yield pipe
    finally:
        pipe.unload_ip_adapter()


def quartered(rng: Random) -> tuple[str, Scene]:
    """A prompt in the LoRA's style and what it asks for."""
    scene = one_thing(rng, STYLE)
    return describe(scene, rng), scene


def lime(rng: Random) -> tuple[str, Scene]:
    """A prompt in the textual inversion's colour and what it asks for."""
    drawn = one_thing(rng, "flat")
    scene = replace(drawn, things=(replace(drawn.things[0], colour=COLOUR),))
    return describe(scene, rng).replace(f"{COLOUR} ", f"{TOKEN} "), scene


def said_right(
    pipe: StableDiffusionPipeline, say: Callable[[Random], tuple[str, Scene]], count: int
) -> float:
    """The share of pictures that show all that their prompt asks for, new words included."""
    said = [say(Random(f"{say.__name__} {i}")) for i in range(count)]
    images = draw_prompts(pipe, [prompt for prompt, _ in said], _SEED)
    return _mean([check(image, scene, TAUGHT).ok for (_, scene), image in zip(said, images, strict=True)])


def plain(rng: Random) -> tuple[str, Scene]:
    """A prompt that needs no companion: what one that is loaded must not spoil."""
    scene = one_thing(rng, "flat")
    return describe(scene, rng), scene


def new_style(pipe: StableDiffusionPipeline, weights: Path, count: int) -> dict[str, float]:
    """How often the LoRA's style is drawn with and without it, and what it leaves of other prompts."""
    values = {"LoRA, without it": said_right(pipe, quartered, count)}
    with with_lora(pipe, weights):
        values["LoRA, with it"] = said_right(pipe, quartered, count)
        values["LoRA, prompts that do not ask for it"] = said_right(pipe, plain, count)
    return values


def new_colour(pipe: StableDiffusionPipeline, weights: Path, count: int) -> dict[str, float]:
    """How often the textual inversion's colour is drawn, with and without it."""
    values = {"textual inversion, without it": said_right(pipe, lime, count)}
    with with_embedding(pipe, weights):
        values["textual inversion, with it"] = said_right(pipe, lime, count)
    return values


def _follows(image: Image.Image, scene: Scene) -> bool:
    """Whether a picture has a scene's background and, as its one thing, the scene's colour and shape."""
    seen = see(image)
    things = [(sight.thing.colour, sight.thing.shape) for sight in seen.sights]
    return seen.background == scene.background and things == [(t.colour, t.shape) for t in scene.things]


def following(pipe: StableDiffusionPipeline, weights: Path, count: int) -> dict[str, float]:
    """How often a picture of an empty prompt has its reference's background, colour and shape."""
    scenes = [one_thing(Random(f"reference {i}"), "flat") for i in range(count)]
    with with_adapter(pipe, weights):
        pictures = [draw(scene) for scene in scenes]
        images = list(draw_prompts(pipe, [""] * count, _SEED, 1, ip_adapter_image=pictures))
    return {
        "IP-Adapter, reference followed": _mean(
            [_follows(*pair) for pair in zip(images, scenes, strict=True)]
        )
    }
