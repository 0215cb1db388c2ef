"""What a weight file is, by the names and shapes of its tensors alone: nothing is asked of the network.

Files are exchanged in two spellings, that of CompVis' and Stability's own code ("original") and that of
diffusers. Shapes say the rest: the family (`models.files.families`), and nine input channels mean inpainting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.addon_spec import AddonKind
from models.files.configs import UNET, context_width, transformer_depth
from models.files.families import family_of
from models.files.header import BadWeights, Header


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a file is."""

    #: None: a base model.
    kind: AddonKind | None
    #: Family of base models that it is or fits, e.g. "sd1"; None where it fits all, or none is known.
    architecture: str | None = None
    #: Base models only: channels that the UNet reads; 9 for inpainting.
    in_channels: int = 4

    @property
    def kind_name(self) -> str:
        """What people call it; of add-ons also the folder below a model directory where they belong."""
        return "base model" if self.kind is None else self.kind


def identify(header: Header) -> Identity:
    """Say what a file is.

    Raises:
        BadWeights: it is none of the kinds known here.
    """
    for look in _LOOKS:
        found = look(header)
        if found is not None:
            return found
    raise BadWeights(
        "this is no model, VAE, LoRA, embedding, ControlNet, IP-Adapter or upscaler that is known here."
    )


def _base(header: Header) -> Identity | None:
    first = header.shape(f"{UNET}input_blocks.0.0.weight")
    if len(first) != 4:
        return None
    # The first attention of SDXL's innermost level.
    depth = transformer_depth(header, f"{UNET}input_blocks.7")
    return Identity(kind=None, architecture=family_of(context_width(header), depth), in_channels=first[1])


def _controlnet(header: Header) -> Identity | None:
    original = header.has("control_model.") or header.has("zero_convs.")
    if not (original or header.has("controlnet_cond_embedding.")):
        return None
    prefix = "control_model." if header.has("control_model.") else ""
    return Identity(kind=AddonKind.CONTROLNET, architecture=family_of(context_width(header, prefix)))


def _ip_adapter(header: Header) -> Identity | None:
    if not header.has("ip_adapter."):
        return None
    names = [name for name in header.tensors if name.startswith("ip_adapter.") and "to_k_ip" in name]
    width = header.shape(names[0])[1] if names else 0
    return Identity(kind=AddonKind.IP_ADAPTER, architecture=family_of(width))


def _adapter(header: Header) -> Identity | None:
    names = header.tensors
    if any(re.search(r"\.(hada_|lokr_|oft_|dora_scale|[ab][12]\.weight$)|^lycoris_", name) for name in names):
        return Identity(kind=AddonKind.LYCORIS, architecture=_adapted(header))
    if any(
        re.search(r"\.lora_(up|down|A|B)\.|\.lora\.(up|down)\.|_lora\.(up|down)\.", name) for name in names
    ):
        return Identity(kind=AddonKind.LORA, architecture=_adapted(header))
    return None


def _adapted(header: Header) -> str | None:
    """The family that an adapter fits: by what its cross-attention reads, by the second text encoder else."""
    for name, tensor in header.tensors.items():
        if "attn2" in name and re.search(
            r"to_k.*(lora_down|lora_A|lora\.down|hada_w\d_b|lokr_w2_b|a2)", name
        ):
            family = family_of(tensor.shape[-1])
            if family is not None:
                return family
    if any(name.startswith(("lora_te2_", "lycoris_te2_", "text_encoder_2.")) for name in header.tensors):
        return "sdxl"
    return None


def _embedding(header: Header) -> Identity | None:
    """Textual inversions (Gal et al. 2022): `emb_params` (A1111), one tensor (diffusers), two for SDXL."""
    if set(header.tensors) == {"clip_l", "clip_g"}:
        return Identity(kind=AddonKind.EMBEDDING, architecture="sdxl")
    if len(header.tensors) != 1:
        return None
    ((name, tensor),) = header.tensors.items()
    if len(tensor.shape) not in (1, 2) or "." in name.strip("<>"):
        return None
    return Identity(kind=AddonKind.EMBEDDING, architecture=family_of(tensor.shape[-1]))


def _vae(header: Header) -> Identity | None:
    decoder = any(header.shape(f"{prefix}decoder.conv_in.weight") for prefix in ("", "first_stage_model."))
    return Identity(kind=AddonKind.VAE) if decoder else None


def _preview_vae(header: Header) -> Identity | None:
    """TAESD (Bohan 2023), as diffusers spells it: two rows of layers."""
    first, last = header.shape("encoder.layers.0.weight"), header.shape("decoder.layers.0.weight")
    known = len(first) == 4 and len(last) == 4
    return Identity(kind=AddonKind.PREVIEW_VAE) if known else None


def _face_restorer(header: Header) -> Identity | None:
    """CodeFormer (Zhou et al. 2022) and GFPGAN (Wang et al. 2021)."""
    prefixes = ("", "params_ema.", "params.")
    names = [f"{prefix}{part}." for prefix in prefixes for part in ("idx_pred_layer", "stylegan_decoder")]
    known = any(header.has(name) for name in names)
    return Identity(kind=AddonKind.FACE_RESTORER) if known else None


def _upscaler(header: Header) -> Identity | None:
    """RRDBNet in its three spellings (ESRGAN old and new, BSRGAN)."""
    firsts = ("model.0.weight", "conv_first.weight", "RRDB_trunk.0.RDB1.conv1.weight", "body.0.weight")
    known = any(len(header.shape(name)) == 4 for name in firsts)
    return Identity(kind=AddonKind.UPSCALER) if known else None


_LOOKS = (
    _base,
    _controlnet,
    _ip_adapter,
    _adapter,
    _embedding,
    _vae,
    _preview_vae,
    _face_restorer,
    _upscaler,
)
