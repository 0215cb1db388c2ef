"""The companions: in the formats that stock tools load, doing what they are for, and nothing at weight 0."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from diffusers import StableDiffusionPipeline
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from bench import starter_companions as bench
from models.starter.companions.edges import canny, edge_overlap
from models.starter.pipeline import WEIGHTS, draw_prompts, load
from models.starter.scenes import Scene

SHIPPED = WEIGHTS.parent
CASES = 12


@pytest.fixture(scope="module")
def pipe() -> StableDiffusionPipeline:
    return load()


def _right(
    pipe: StableDiffusionPipeline, say: Callable[[Random], tuple[str, Scene]], cases: int = CASES
) -> int:
    return round(cases * bench.said_right(pipe, say, cases))


def _picture(pipe: StableDiffusionPipeline, **settings: object) -> bytes:
    return next(draw_prompts(pipe, ["a red star on a blue background"], 3, 1, **settings)).tobytes()


def test_everything_shipped_is_small_and_in_half_precision() -> None:
    files = [file for file in SHIPPED.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 25e6
    for file in SHIPPED.rglob("*.safetensors"):
        kinds = {str(tensor.dtype) for tensor in load_file(file).values() if tensor.is_floating_point()}
        assert kinds == {"torch.float16"}, file


def test_the_controlnet_decides_the_shape(pipe: StableDiffusionPipeline) -> None:
    controlled = bench.with_controlnet(pipe, SHIPPED)
    overlaps = {
        scale: np.mean(
            [
                edge_overlap(canny(np.asarray(i)), lines)
                for _, lines, i in bench.control_tries(controlled, CASES, scale)
            ]
        )
        for scale in (1.0, 0.0)
    }
    assert overlaps[1.0] > 0.35 > 0.15 > overlaps[0.0]


def test_the_controlnet_at_weight_nothing_is_not_there(pipe: StableDiffusionPipeline) -> None:
    lines = Image.new("RGB", (128, 128), "white")
    controlled = bench.with_controlnet(pipe, SHIPPED)
    without = _picture(controlled, image=lines, controlnet_conditioning_scale=0.0)
    assert without == _picture(pipe) != _picture(controlled, image=lines)


def test_the_upscaler_is_sharper_than_bicubic() -> None:
    assert bench.upscaling(pipe, SHIPPED, CASES)["upscaler over bicubic"] > 3


def test_the_lora_brings_its_style_where_it_is_named(pipe: StableDiffusionPipeline) -> None:
    before = _picture(pipe)
    assert _right(pipe, bench.quartered) <= 1
    with bench.with_lora(pipe, SHIPPED):
        assert _right(pipe, bench.quartered) >= 8
        assert _right(pipe, bench.plain) >= 10
        pipe.set_adapters([bench.STYLE], [0.0])
        assert _picture(pipe) == before
    assert _picture(pipe) == before


def test_the_lora_has_the_key_names_that_every_tool_reads() -> None:
    with safe_open(SHIPPED / "lora" / f"{bench.STYLE}.safetensors", "pt") as file:
        assert file.metadata()["ss_network_module"] == "networks.lora"
        assert all(name.startswith("lora_unet_") for name in file.keys())  # noqa: SIM118


def test_the_textual_inversion_brings_its_colour(pipe: StableDiffusionPipeline) -> None:
    before = _picture(pipe)
    assert _right(pipe, bench.lime) <= 1
    with bench.with_embedding(pipe, SHIPPED):
        assert _right(pipe, bench.lime) >= 8
        assert _picture(pipe) == before
    assert bench.TOKEN not in pipe.tokenizer.get_vocab()


def test_the_ip_adapter_is_followed_without_words(pipe: StableDiffusionPipeline) -> None:
    assert bench.following(pipe, SHIPPED, CASES)["IP-Adapter, reference followed"] >= 0.6
