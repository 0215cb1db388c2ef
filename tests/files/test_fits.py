"""What fits: peaks of calls that are never made, and the way that a card of some size takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from models.fits import Footprint, Way, footprint
from models.memory import peak_bytes
from tests.files.families import build

_GIB = 2**30


@pytest.fixture(scope="module")
def published() -> dict[str, Footprint]:
    """Stable Diffusion 1.5 and SDXL at their true sizes, in fp16, weightless."""
    with torch.device("meta"):
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            sample_size=512,
        )
        sd1 = UNet2DConditionModel(cross_attention_dim=768)
        sdxl = UNet2DConditionModel(
            block_out_channels=(320, 640, 1280),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10),
            attention_head_dim=(5, 10, 20),
            cross_attention_dim=2048,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816,
        )
    text = {"sd1": 123_060_480, "sdxl": 123_060_480 + 694_659_840}
    return {
        name: Footprint(
            unet=unet.half().eval(), vae=vae.half().eval(), text_bytes=2 * text[name], bytes_per_number=2
        )
        for name, unet in (("sd1", sd1), ("sdxl", sdxl))
    }


def test_a_peak_counts_what_lives_at_once() -> None:
    layers = torch.nn.Sequential(*(torch.nn.Conv2d(4, 4, 1, bias=False) for _ in range(5))).to("meta")
    picture = torch.empty(1, 4, 100, 100, device="meta")
    one = picture.nbytes

    # However many layers there are, a layer's input and output live at once; the call's own input is not its.
    assert peak_bytes(lambda: layers(picture)) == 2 * one
    assert peak_bytes(lambda: picture.view(4, -1).transpose(0, 1)) == 0


def test_published_models_on_common_cards(published: dict[str, Footprint]) -> None:
    assert published["sd1"].way(512, 512, 4 * _GIB) is Way.PLAIN
    assert published["sd1"].way(2048, 2048, 8 * _GIB) is Way.TILED
    assert published["sdxl"].way(1024, 1024, 8 * _GIB) is Way.OFFLOADED
    assert published["sdxl"].way(1024, 1024, 16 * _GIB) is Way.PLAIN
    assert published["sdxl"].way(1024, 1024, 4 * _GIB) is None


def test_larger_pictures_take_more(published: dict[str, Footprint]) -> None:
    needs = published["sd1"]
    peaks = [(needs.denoising_peak(side, side), needs.decoding_peak(side, side)) for side in (256, 512, 1024)]
    assert peaks == sorted(peaks)
    assert needs.tiled_peak(2048, 2048) < needs.decoding_peak(2048, 2048) / 4


@pytest.mark.parametrize("family", ["sd1", "sdxl", "sdxl-refiner"])
def test_a_single_file_is_weighed_by_its_head(tmp_path: Path, family: str) -> None:
    parts = build(family, tmp_path / "a.safetensors")
    needs = footprint(tmp_path / "a.safetensors", half=True)

    numbers = {name: sum(weight.numel() for weight in part.parameters()) for name, part in parts.items()}
    assert needs.unet_bytes == 2 * numbers["unet"]
    assert needs.vae_bytes == 2 * numbers["vae"]
    # OpenCLIP's files bring a projection that SDXL's refiner shares.
    text = sum(count for name, count in numbers.items() if name.startswith("text"))
    assert needs.text_bytes == pytest.approx(2 * text, rel=0.01)
    assert needs.way(512, 512, _GIB) is not None


def test_the_table_for_a_card_that_is_not_here() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "models", "fits", "--memory", "8"], capture_output=True, text=True, check=True
    ).stdout
    assert "8.0 GiB, fp16" in told
    assert "Atelier starter" in told
    assert "128 x 128   yes" in told
