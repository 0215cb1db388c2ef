"""The plan that follows from what a model takes and a budget."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from models.memory import peak_bytes
from models.plans import Curve, MemoryPlan, Needs, Way, plan_for

_GIB = 2**30


@pytest.fixture(scope="module")
def published() -> dict[str, Needs]:
    """Stable Diffusion 1.5 and SDXL at their true sizes, in fp16; their autoencoder is made for it."""
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
        name: _needs(torch.nn.Module.half(unet), torch.nn.Module.half(vae), 2 * text[name])
        for name, unet in (("sd1", sd1), ("sdxl", sdxl))
    }


def _needs(unet: UNet2DConditionModel, vae: AutoencoderKL, text: int) -> Needs:
    def denoising(side: int) -> int:
        options = {}
        if unet.config.addition_embed_type == "text_time":
            told = {"text_embeds": _empty(2, 1280), "time_ids": _empty(2, 6)}
            options["added_cond_kwargs"] = told
        latents, words = _empty(2, 4, side // 8, side // 8), _empty(2, 77, unet.config.cross_attention_dim)
        return peak_bytes(lambda: unet(latents, _empty(2), words, **options))

    def decoding(side: int) -> int:
        return peak_bytes(lambda: vae.decode(_empty(1, 4, side // 8, side // 8)))

    def curve(peak) -> Curve:
        return Curve.through([(side * side, peak(side)) for side in (256, 512, 1024)])

    return Needs(
        unet=sum(weight.nbytes for weight in unet.parameters()),
        vae=sum(weight.nbytes for weight in vae.parameters()),
        text=text,
        denoising=curve(denoising),
        decoding=curve(decoding),
        sliced_denoising=curve(denoising),
        sliced_decoding=curve(decoding),
        tiled_decoding=Curve(constant=decoding(512), linear=24, square=0),
    )


def _empty(*shape: int) -> torch.Tensor:
    return torch.empty(shape, device="meta", dtype=torch.float16)


def _plan(needs: Needs, gib: float) -> MemoryPlan:
    """The plan for a card of so many GiB."""
    return plan_for(needs, int(gib * _GIB * 0.85), 2048**2)


def test_published_models_on_common_cards(published: dict[str, Needs]) -> None:
    def way(name: str, side: int, gib: float) -> Way | None:
        return _plan(published[name], gib).way(side * side)

    assert way("sd1", 512, 4) is Way.PLAIN
    assert way("sd1", 2048, 8) is Way.TILED
    assert way("sdxl", 1024, 8) is Way.OFFLOADED
    assert way("sdxl", 1024, 16) is Way.PLAIN
    assert way("sdxl", 1024, 4) is None


def test_a_smaller_budget_never_draws_more_or_faster(published: dict[str, Needs]) -> None:
    for needs in published.values():
        plans = [_plan(needs, gib) for gib in (24, 16, 12, 8, 6, 4, 3, 2, 1)]
        for larger, smaller in pairwise(plans):
            assert all(a >= b for a, b in zip(larger.most, smaller.most, strict=True))
            assert larger.rows(512 * 512) >= smaller.rows(512 * 512) >= 1
        assert plans[0].way(2048**2) is not None and plans[-1].max_pixels == 0
        assert all(a <= b for plan in plans for a, b in pairwise(plan.most))
        assert plans[2] == _plan(needs, 12) and hash(plans[2])


def test_each_way_has_its_turn_as_memory_shrinks() -> None:
    def flat(linear: float, square: float = 0.0) -> Curve:
        return Curve(constant=0.0, linear=linear, square=square)

    needs = Needs(
        unet=400,
        vae=100,
        text=200,
        denoising=flat(2, 0.1),
        decoding=flat(8),
        sliced_denoising=flat(2),
        sliced_decoding=flat(8),
        tiled_decoding=flat(1),
    )
    ways = [plan_for(needs, budget, 100).way(100) for budget in (2000, 1500, 900, 650, 500)]
    assert ways == [*Way, None]
    plan = plan_for(needs, 900, 100)
    assert str(plan) == "plain up to 5x5, tiled up to 10x10"
    # Calls take besides the weights at rest what the plan says, and company as long as there is room.
    assert plan.working(100) == 200 and plan.rows(100) == 1 and plan_for(needs, 1500, 100).rows(100) == 4


def test_a_picture_put_together_of_tiles_counts_whole() -> None:
    """Where the UNet sees 10x10 pixels of a larger picture, the autoencoder makes all of that."""
    flat = [Curve(constant=0.0, linear=linear, square=0.0) for linear in (2, 8, 2, 8, 1)]
    names = ("denoising", "decoding", "sliced_denoising", "sliced_decoding", "tiled_decoding")
    needs = Needs(unet=400, vae=100, text=200, **dict(zip(names, flat, strict=True)))
    plain, tiled, offloaded = (plan_for(needs, budget, 100) for budget in (1500, 900, 650))
    assert [plan.way(100) for plan in (plain, tiled, offloaded)] == [Way.PLAIN, Way.TILED, Way.OFFLOADED]
    assert plain.working(100) == plain.working(100, 100) == 800
    # Too large to be made whole, it is made tile by tile; the other parts' weights may be elsewhere.
    assert [plan.working(100, 2000) for plan in (plain, tiled, offloaded)] == [2000, 2000, 1400]
