"""What the small edge networks share: their weights, and pictures as they see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.files.header import BadWeights

Weights = Mapping[str, torch.Tensor]


def load_weights(
    net: torch.nn.Module,
    path: Path | None,
    device: torch.device,
    read: Callable[[Weights], Weights] = dict,
) -> torch.nn.Module:
    """Fill a network from a safetensors file.

    Args:
        read: turns the file's tensors into the network's.

    Raises:
        BadWeights: they are those of another network.
    """
    from safetensors.torch import load_file

    if path is None:
        raise BadWeights("Its weights are missing.")
    try:
        net.load_state_dict({name: weight.float() for name, weight in read(load_file(path)).items()})
    except (RuntimeError, KeyError) as error:
        raise BadWeights(f"{path.name} holds the weights of another network.") from error
    return net.eval().to(device)


def to_batch(picture: Image.Image, device: torch.device) -> torch.Tensor:
    """An RGB picture to (1, 3, height, width) of 0..1."""
    values = torch.from_numpy(np.array(picture.convert("RGB"), np.float32) / 255)
    return values.permute(2, 0, 1)[None].to(device)


def from_edges(edges: torch.Tensor) -> Image.Image:
    """(1, 1, height, width) of 0..1 to a gray picture."""
    values = (edges[0, 0].clamp(0, 1) * 255).round().byte().cpu().numpy()
    return Image.fromarray(values).convert("RGB")
