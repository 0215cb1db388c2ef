"""What the tensors of an adapter's file are called, in every spelling, and which layer they belong to.

kohya's scripts and LyCORIS write a layer's path with underscores (`lora_unet_mid_block_resnets_0_conv1`),
diffusers and peft with dots; of SDXL's UNet kohya's scripts have Stability's names (`input_blocks_4_1`). Here
all become diffusers' path with underscores, the one which the others can be written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

UNET, TEXT, TEXT_2 = "unet", "text_encoder", "text_encoder_2"

#: Beginnings of names and the part of the model that they mean; the longest first where one begins another.
_PARTS = {
    "lora_unet_": UNET,
    "lora_te1_": TEXT,
    "lora_te2_": TEXT_2,
    "lora_te_": TEXT,
    "lycoris_unet_": UNET,
    "lycoris_te1_": TEXT,
    "lycoris_te2_": TEXT_2,
    "lycoris_te_": TEXT,
    "lycoris_": UNET,
    "unet.": UNET,
    "text_encoder.": TEXT,
    "text_encoder_2.": TEXT_2,
    "base_model.model.": UNET,
    "": UNET,
}
_LOW_RANK = re.compile(
    r"[._](?:lora_linear_layer\.|lora\.|lora_)(?P<what>down|up|A|B|mid)(?:\.default(?:_\d+)?)?\.weight$"
)
_OTHER = re.compile(
    r"\.(?P<what>alpha|dora_scale|lora_magnitude_vector|hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2)"
    r"|oft_blocks|rescale|[ab][12]|bm)(?:\.weight)?$"
)
_SAME = {"A": "down", "B": "up", "lora_magnitude_vector": "dora_scale"}
#: Stability's names inside a residual block.
_RESIDUAL = {
    "in_layers_2": "conv1",
    "emb_layers_1": "time_emb_proj",
    "out_layers_3": "conv2",
    "skip_connection": "conv_shortcut",
}
_STABILITY = re.compile(
    r"(?:(?P<side>input|output)_blocks_(?P<block>\d+)|middle_block)_(?P<part>[012])_(?P<rest>.+)"
)
_OUTSIDE = {
    "input_blocks_0_0": "conv_in",
    "out_2": "conv_out",
    "time_embed_0": "time_embedding_linear_1",
    "time_embed_2": "time_embedding_linear_2",
    "label_emb_0_0": "add_embedding_linear_1",
    "label_emb_0_2": "add_embedding_linear_2",
}


@dataclass(frozen=True, kw_only=True)
class TensorName:
    """What a tensor of an adapter's file is."""

    #: UNET, TEXT or TEXT_2.
    part: str
    #: The layer's path with underscores.
    layer: str
    #: "down", "up", "mid", "alpha", "dora_scale", "hada_w1_a", "lokr_w2", "oft_blocks"...
    what: str


def read_name(name: str) -> TensorName | None:
    """What a tensor is by its name; None where that is not known here."""
    found = _LOW_RANK.search(name) or _OTHER.search(name)
    if found is None:
        return None
    beginning = next(known for known in _PARTS if name.startswith(known))
    layer = name[len(beginning) : found.start()].replace(".processor", "").replace(".", "_")
    what = found["what"]
    return TensorName(part=_PARTS[beginning], layer=layer, what=_SAME.get(what, what))


def paths_of_layers(layers: Iterable[str], network: nn.Module) -> Mapping[str, str]:
    """Each layer's path in the network; those that it does not have are missing."""
    from torch import nn

    known = {
        _without_model(path.replace(".", "_")): path
        for path, layer in network.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
    }
    blocks = getattr(network.config, "layers_per_block", 0) + 1
    spelled = {layer: _from_stability(layer, blocks) for layer in layers}
    # diffusers' old spelling says of the attention's way out only "to_out".
    found = {
        layer: known.get(_without_model(name)) or known.get(f"{name}_0") for layer, name in spelled.items()
    }
    return {layer: path for layer, path in found.items() if path is not None}


def _without_model(name: str) -> str:
    """From transformers 5.6 on, CLIP's text model has no `text_model` in its paths; in files it may stand."""
    return name.removeprefix("text_model_")


def _from_stability(layer: str, blocks: int) -> str:
    """A layer's name in the UNet as diffusers has it; one that is not in Stability's spelling stays.

    Args:
        blocks: of Stability's that make one of diffusers'.
    """
    found = _STABILITY.fullmatch(layer)
    if found is None:
        return _OUTSIDE.get(layer, layer)
    part, rest = int(found["part"]), _RESIDUAL.get(found["rest"], found["rest"])
    if found["block"] is None:
        return f"mid_block_{('resnets_0', 'attentions_0', 'resnets_1')[part]}_{rest}"
    downwards = found["side"] == "input"
    block, place = divmod(int(found["block"]) - downwards, blocks)
    level = f"{'down' if downwards else 'up'}_blocks_{block}"
    if rest in ("op", "conv"):
        return f"{level}_{'down' if downwards else 'up'}samplers_0_conv"
    return f"{level}_{('resnets', 'attentions')[part]}_{place}_{rest}"
