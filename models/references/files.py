"""IP-Adapters on disk, as they are exchanged.

An entry is a safetensors file with an `image_encoder` folder beside it, which several may share, or a folder
with both inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.addon_spec import AddonKind
from models.files.header import BadWeights, read_header
from models.files.identify import identify

if TYPE_CHECKING:
    import torch
    from transformers import CLIPVisionModelWithProjection
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

Weights = dict[str, dict[str, "torch.Tensor"]]


@dataclass(frozen=True, kw_only=True, eq=False)
class IPAdapter:
    """An IP-Adapter's own weights and the encoder of its pictures."""

    #: "image_proj" and "ip_adapter", each with its tensors by name, as diffusers takes them.
    weights: Weights
    image_encoder: CLIPVisionModelWithProjection
    processor: CLIPImageProcessorPil

    @property
    def reads_hidden_states(self) -> bool:
        """Whether it looks at all patches of a picture ("plus"), not at the one embedding of the whole."""
        return "proj.weight" not in self.weights["image_proj"]


def facts(path: Path) -> dict[str, Any]:
    """What the files tell of an IP-Adapter: fields of its AddonSpec.

    Raises:
        ValueError, OSError, BadWeights: it is none, or its image encoder is missing.
    """
    file, encoder = _parts(path)
    header = read_header(file)
    identity = identify(header)
    if identity.kind is not AddonKind.IP_ADAPTER:
        raise ValueError(f"it is no IP-Adapter but of the kind {identity.kind_name}")
    if any(".to_q_lora." in name for name in header.tensors):
        raise ValueError("it asks for a network that recognises faces, which is not supported")
    if not (encoder / "config.json").exists():
        raise ValueError("the folder image_encoder is missing beside it")
    shared = {} if path.is_dir() else {"beside": encoder}
    return {"architecture": identity.architecture, **shared}


def load_ip_adapter(path: Path, device: torch.device, dtype: torch.dtype) -> IPAdapter:
    """Load an IP-Adapter. Only safetensors are read, never the network. Raises OSError or BadWeights."""
    from safetensors.torch import load_file
    from transformers import CLIPVisionModelWithProjection
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    file, folder = _parts(path)
    weights: Weights = {"image_proj": {}, "ip_adapter": {}}
    for name, weight in load_file(file).items():
        part, _, rest = name.partition(".")
        if part in weights:
            weights[part][rest] = weight.to(dtype)
    encoder = CLIPVisionModelWithProjection.from_pretrained(
        folder, dtype=dtype, local_files_only=True, use_safetensors=True
    )
    side = encoder.config.image_size
    # The stock pipelines prepare pictures with these defaults, whatever lies in the folder.
    processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    return IPAdapter(weights=weights, image_encoder=encoder.eval().to(device), processor=processor)


def _parts(path: Path) -> tuple[Path, Path]:
    """The adapter's file and the folder of its image encoder."""
    if path.name == "image_encoder":
        raise BadWeights("it belongs to the IP-Adapters beside it")
    if path.suffix == ".safetensors":
        return path, path.parent / "image_encoder"
    files = sorted(path.glob("*.safetensors"))
    if len(files) != 1:
        raise BadWeights("it should hold one .safetensors file beside its image_encoder")
    return files[0], path / "image_encoder"
