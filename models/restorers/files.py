"""Face restorers on disk: a network, told by its tensors alone, and the face detector beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.engine.slices import Slices
from models.files.header import BadWeights, Header, read_header

if TYPE_CHECKING:
    import torch
    from PIL import Image

#: The face detector YuNet (Wu et al. 2023), which OpenCV runs; it lies beside the restorers.
DETECTOR = "yunet.onnx"
_CODEFORMER, _GFPGAN = "codeformer", "gfpgan"
#: CodeFormer's allows no commercial use, so that its owner has to agree to it first.
_LICENCES: dict[str, dict[str, Any]] = {
    _CODEFORMER: {
        "licence": "S-Lab License 1.0 (non-commercial)",
        "licence_url": "https://github.com/sczhou/CodeFormer/blob/master/LICENSE",
        "awaits_terms": True,
    },
    _GFPGAN: {
        "licence": "Apache-2.0",
        "licence_url": "https://github.com/TencentARC/GFPGAN/blob/master/LICENSE",
    },
}

#: A picture and a fidelity (None: the usual) to the picture with its faces restored one after the other, and
#: how many there were.
Restore = Callable[["Image.Image", "float | None"], Slices["tuple[Image.Image, int]"]]


def facts(path: Path) -> dict[str, Any]:
    """Fields of the AddonSpec that a face restorer's file tells.

    Raises:
        BadWeights: it is no face restorer, or there is no face detector beside it.
    """
    if path.is_dir():
        raise BadWeights("a face restorer is one .safetensors file.")
    kind = _kind_of(read_header(path))
    detector = path.parent / DETECTOR
    if not detector.is_file():
        raise BadWeights(f"it needs the face detector {DETECTOR} beside it (docs/upscaling.md).")
    return {**_LICENCES[kind], "beside": detector}


def load_restorer(path: Path, device: torch.device) -> Restore:
    """The restorer in a file of CodeFormer's or GFPGAN's layout, in fp32.

    Raises:
        BadWeights, KeyError, RuntimeError: the file is of another layout.
    """
    from safetensors.torch import load_file

    from models.restorers import codeformer, gfpgan
    from models.restorers.faces import FaceDetector, restored

    kind = _kind_of(read_header(path))
    state = {_plain(name): tensor.float() for name, tensor in load_file(path).items()}
    state = {name: tensor for name, tensor in state.items() if not name.startswith(gfpgan.UNUSED)}
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    if kind == _CODEFORMER:
        network: codeformer.CodeFormer | gfpgan.GFPGAN = codeformer.CodeFormer(codeformer.shape_of(shapes))
    else:
        network = gfpgan.GFPGAN(gfpgan.shape_of(shapes))
    network.load_state_dict(state)
    network = network.eval().requires_grad_(False).to(device)
    detector = FaceDetector(path.parent / DETECTOR)
    return lambda picture, fidelity: restored(network, detector, picture, fidelity)


def _kind_of(header: Header) -> str:
    names = {_plain(name) for name in header.tensors}
    if {"quantize.embedding.weight", "position_emb", "idx_pred_layer.1.weight"} <= names:
        return _CODEFORMER
    if {"stylegan_decoder.constant_input.weight", "condition_scale.0.0.weight"} <= names:
        return _GFPGAN
    raise BadWeights("it is no CodeFormer, and no GFPGAN of version 1.3 or later.")


def _plain(name: str) -> str:
    return name.removeprefix("params_ema.").removeprefix("params.")
