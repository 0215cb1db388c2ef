"""What fits: peaks of calls that are never made, and the plan that follows from them and a budget."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from models.catalogue import find_models
from models.fits import Machine, needs_of
from models.fitting import fitting
from models.memory import Attention, peak_bytes
from models.parts import weight_files
from models.plans import Curve, MemoryPlan, Needs, Way, limited, plan_for
from tests.files.families import build

_GIB = 2**30
_HALF = Machine(budget=_GIB, half=True, fused=True)


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


def test_a_peak_counts_what_lives_at_once() -> None:
    layers = torch.nn.Sequential(*(torch.nn.Conv2d(4, 4, 1, bias=False) for _ in range(5))).to("meta")
    picture = torch.empty(1, 4, 100, 100, device="meta")
    one = picture.nbytes

    # However many layers there are, a layer's input and output live at once; the call's own input is not its.
    assert peak_bytes(lambda: layers(picture)) == 2 * one
    assert peak_bytes(lambda: picture.view(4, -1).transpose(0, 1)) == 0


def test_attention_counts_its_matrices_where_the_device_makes_them() -> None:
    query = torch.empty(2, 8, 100, 16, device="meta")
    peaks = {
        attention: peak_bytes(
            lambda: torch.nn.functional.scaled_dot_product_attention(query, query, query),
            attention,
        )
        for attention in Attention
    }
    one_head = 2 * 100 * 100 * 4
    assert peaks[Attention.FUSED] == query.nbytes
    assert peaks[Attention.SLICED] == query.nbytes + one_head
    assert peaks[Attention.WHOLE] == query.nbytes + 16 * one_head


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


def test_the_curve_meets_what_is_traced_in_between(tmp_path: Path) -> None:
    from models.fits import _Calls
    from models.tiny import build_tiny_model

    build_tiny_model(tmp_path / "tiny", latent_side=16)
    (model,) = find_models([tmp_path])
    for machine, attention in ((_HALF, Attention.FUSED), (replace(_HALF, fused=False), Attention.WHOLE)):
        needs, calls = needs_of(model, machine), _Calls(model, machine)
        for side in (96, 192):
            pixels = side * side
            assert needs.denoising.at(pixels) == pytest.approx(calls.denoising(side, attention), rel=0.1)
            assert needs.decoding.at(pixels) == pytest.approx(calls.decoding(side, attention), rel=0.1)
    assert needs.slicing_saves and not needs_of(model, _HALF).slicing_saves


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


def test_tiles_take_what_the_curve_says(tmp_path: Path) -> None:
    from models.fits import _Calls
    from models.tiny import build_tiny_model

    build_tiny_model(tmp_path / "tiny")
    (model,) = find_models([tmp_path])
    calls = _Calls(model, _HALF)
    told = calls.tiled_decoding(Attention.FUSED)
    calls._vae.enable_tiling()
    for side in (64, 128):
        traced = calls.decoding(side, Attention.FUSED)
        assert traced <= told.at(side * side) <= 2 * traced


def test_limits_follow_what_fits(tmp_path: Path) -> None:
    from models.tiny import build_tiny_model

    build_tiny_model(tmp_path / "tiny")
    (model,) = find_models([tmp_path])
    needs = needs_of(model, _HALF)
    ample, none = plan_for(needs, _GIB, model.spec.max_side**2), plan_for(needs, 1000, 64**2)
    assert limited(model.spec, ample) == replace(model.spec, memory="plain")
    assert limited(model.spec, none) is None
    small = replace(ample, most=(0, 0, 0, 40 * 40))
    spec = limited(model.spec, small)
    assert spec is not None
    assert (spec.memory, spec.max_pixels, spec.max_side) == ("offloaded", 1600, 64)
    assert spec.has_room(64, 16) and not spec.has_room(64, 32)


def test_what_was_traced_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.tiny import build_tiny_model

    build_tiny_model(tmp_path / "models" / "tiny")
    models, cache = find_models([tmp_path / "models"]), tmp_path / "needs.json"
    first = fitting(models, _HALF, cache=cache)
    monkeypatch.setattr("models.fitting.needs_of", None)
    assert fitting(models, _HALF, cache=cache) == first
    assert first[0].plan is not None and first[0].plan.way(32 * 32) is Way.PLAIN
    # One that can draw nothing here is not offered.
    assert fitting(models, replace(_HALF, budget=1), cache=cache) == []


def test_a_latent_upscaler_is_bounded_by_the_memory_too(tmp_path: Path) -> None:
    from models.tiny.upscaler import build_tiny_latent_upscaler

    build_tiny_latent_upscaler(tmp_path / "x2")
    (upscaler,) = find_models([tmp_path])
    upscaler = replace(upscaler, spec=replace(upscaler.spec, max_side=2048))
    needs = needs_of(upscaler, _HALF)
    (small,) = fitting([upscaler], replace(_HALF, budget=needs.takes(Way.OFFLOADED, 512**2)))
    assert small.plan is not None and small.plan.way(512**2) is Way.OFFLOADED
    assert small.spec.max_pixels == small.plan.max_pixels and small.spec.max_pixels >= 512**2
    assert not small.spec.has_room(1024, 1024)
    (large,) = fitting([upscaler], _HALF)
    assert large.plan is not None and large.spec.max_pixels is None and large.plan.way(512**2) is Way.PLAIN


@pytest.mark.parametrize("family", ["sd1", "sdxl", "sdxl-refiner"])
def test_a_single_file_is_weighed_by_its_head(tmp_path: Path, family: str) -> None:
    parts = build(family, tmp_path / "a.safetensors")
    (model,) = find_models([tmp_path])
    needs = needs_of(model, _HALF)

    numbers = {name: sum(weight.numel() for weight in part.parameters()) for name, part in parts.items()}
    assert needs.unet == 2 * numbers["unet"]
    # SDXL says that its autoencoder overflows in fp16.
    assert needs.vae == (2 if family == "sd1" else 4) * numbers["vae"]
    # OpenCLIP's files bring a projection that SDXL's refiner shares.
    text = sum(count for name, count in numbers.items() if name.startswith("text"))
    assert needs.text == pytest.approx(2 * text, rel=0.01)
    assert plan_for(needs, _GIB, 512**2).way(512**2) is not None


def test_only_what_is_loaded_is_weighed(tmp_path: Path) -> None:
    """Folders of the hub bring weights in fp16 beside the others, and a safety checker."""
    from models.engine.residency import Residency
    from models.tiny import build_tiny_model

    folder = build_tiny_model(tmp_path / "plain" / "tiny")
    (plain,) = find_models([tmp_path / "plain"])
    shutil.copytree(folder, tmp_path / "hub" / "tiny")
    (hub,) = find_models([tmp_path / "hub"])
    for file in list(hub.path.glob("*/*.safetensors")):
        shutil.copy(file, file.with_name(f"{file.stem}.fp16.safetensors"))
    (hub.path / "safety_checker").mkdir()
    shutil.copy(hub.path / "unet" / "diffusion_pytorch_model.safetensors", hub.path / "safety_checker")

    assert needs_of(hub, _HALF) == needs_of(plain, _HALF)
    held = Residency([hub], torch.device("cpu"), _GIB)
    assert held.bytes_of("tiny") == sum(file.stat().st_size for file in weight_files(plain.path))
    # A card holds them in half precision, as the plan knows.
    (fit,) = fitting([hub], _HALF)
    held.offer([fit])
    assert held.bytes_of("tiny") == needs_of(plain, _HALF).weights


def test_large_weights_come_in_several_files(tmp_path: Path) -> None:
    unet = tmp_path / "unet"
    unet.mkdir()
    shards = [unet / f"diffusion_pytorch_model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    for file in (*shards, unet / "diffusion_pytorch_model.fp16-00001-of-00002.safetensors"):
        file.touch()
    assert weight_files(tmp_path) == shards


def test_the_table_for_a_card_that_is_not_here() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "models", "fits", "--memory", "8"], capture_output=True, text=True, check=True
    ).stdout
    assert "6.8 GiB usable, fp16" in told
    assert "Atelier starter" in told
    assert "128 x 128   yes" in told


def test_the_table_goes_on_after_a_model_that_cannot_be_weighed(tmp_path: Path) -> None:
    from models.tiny import build_tiny_model

    for name in ("a", "b"):
        build_tiny_model(tmp_path / name, name=name)
    config = tmp_path / "a" / "vae" / "config.json"
    config.write_text(config.read_text().replace("UpDecoderBlock2D", "NoSuchBlock"))
    environment = {**os.environ, "ATELIER_MODEL_DIRS": str(tmp_path)}
    command = [sys.executable, "-m", "models", "fits", "--memory", "8"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert "A\n  what it takes is not known\n\nB\n     16 x 16    yes" in told
