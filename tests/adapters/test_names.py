"""Every spelling of a layer's name leads to that layer."""

from __future__ import annotations

import pytest
from diffusers.models import UNet2DConditionModel
from torch import nn

from models.adapters.names import TEXT, TEXT_2, UNET, TensorName, paths_of_layers, read_name
from tests.files import families, original

_PREFIX = "model.diffusion_model."


@pytest.mark.parametrize("family", ["sdxl", "sdxl-refiner", "ssd-1b", "vega"])
def test_stabilitys_spelling(family: str) -> None:
    """As kohya's scripts write it for SDXL: each layer is found by the weights that it shares."""
    unet = families.unet(family)
    layers = {
        layer.weight.data_ptr(): path
        for path, layer in unet.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
    }
    expected = {
        name.removeprefix(_PREFIX).removesuffix(".weight").replace(".", "_"): layers[tensor.data_ptr()]
        for name, tensor in original.place_upsamplers(original.unet_state(unet)).items()
        if name.endswith(".weight") and tensor.data_ptr() in layers
    }
    assert len(expected) == len(layers)
    assert paths_of_layers(expected, unet) == expected


@pytest.mark.parametrize(
    ("name", "part", "layer", "what"),
    [
        (
            "lora_unet_mid_block_attentions_0_proj_in.lora_down.weight",
            UNET,
            "mid_block_attentions_0_proj_in",
            "down",
        ),
        (
            "lora_te1_text_model_encoder_layers_0_mlp_fc1.alpha",
            TEXT,
            "text_model_encoder_layers_0_mlp_fc1",
            "alpha",
        ),
        (
            "lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight",
            TEXT_2,
            "text_model_encoder_layers_0_mlp_fc1",
            "up",
        ),
        ("lycoris_unet_mid_block_resnets_0_conv1.hada_w1_a", UNET, "mid_block_resnets_0_conv1", "hada_w1_a"),
        ("lycoris_mid_block_resnets_0_conv1.lokr_w2", UNET, "mid_block_resnets_0_conv1", "lokr_w2"),
        ("unet.mid_block.attentions.0.proj_in.lora_A.weight", UNET, "mid_block_attentions_0_proj_in", "down"),
        ("unet.mid_block.attentions.0.proj_in.lora.up.weight", UNET, "mid_block_attentions_0_proj_in", "up"),
        (
            "mid_block.attentions.0.attn1.processor.to_q_lora.down.weight",
            UNET,
            "mid_block_attentions_0_attn1_to_q",
            "down",
        ),
        (
            "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.up.weight",
            TEXT,
            "text_model_encoder_layers_0_self_attn_q_proj",
            "up",
        ),
        (
            "unet.mid_block.attentions.0.proj_in.lora_magnitude_vector.weight",
            UNET,
            "mid_block_attentions_0_proj_in",
            "dora_scale",
        ),
    ],
)
def test_spellings(name: str, part: str, layer: str, what: str) -> None:
    assert read_name(name) == TensorName(part=part, layer=layer, what=what)


def test_the_old_spelling_of_the_way_out() -> None:
    unet: UNet2DConditionModel = families.unet("sd1")
    path = next(path for path, _ in unet.named_modules() if path.endswith("attn1.to_out.0"))
    layer = path.removesuffix(".0").replace(".", "_")
    assert paths_of_layers([layer], unet) == {layer: path}
    assert paths_of_layers(["no_such_layer"], unet) == {}
