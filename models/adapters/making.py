"""From the tensors of a layer in an adapter's file to the patch that they are."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from models.adapters.patches import Decomposed, Generalized, Hadamard, Kronecker, LowRank, Patch, product
from models.adapters.rotations import make_rotation
from models.files.header import BadWeights

Tensors = Mapping[str, torch.Tensor]


def make_patch(tensors: Tensors, alpha: float | None = None) -> Patch:
    """The patch that a layer's tensors are, by what they are called (`models.adapters.names`).

    Args:
        alpha: what stands in for a missing one; the rank if None.

    Raises:
        BadWeights: some are missing, or of a kind that is not known here.
    """
    own = float(tensors["alpha"]) if "alpha" in tensors else alpha
    try:
        if "down" in tensors:
            patch: Patch = _low_rank(tensors, own)
        elif "hada_w1_a" in tensors:
            patch = _hadamard(tensors, own)
        elif "oft_blocks" in tensors:
            patch = make_rotation(tensors["oft_blocks"], own or 0.0, tensors.get("rescale"))
        elif "b1" in tensors:
            patch = _generalized(tensors, own)
        else:
            patch = _kronecker(tensors, own)
    except (KeyError, RuntimeError) as error:
        raise BadWeights(f"a layer of it is incomplete: {error}") from None
    lengths = tensors.get("dora_scale")
    return patch if lengths is None else Decomposed(patch=patch, lengths=lengths)


def _low_rank(tensors: Tensors, alpha: float | None) -> LowRank:
    down = tensors["down"]
    return LowRank(down=down, up=tensors["up"], mid=tensors.get("mid"), scale=_scale(alpha, len(down)))


def _hadamard(tensors: Tensors, alpha: float | None) -> Hadamard:
    pairs = tuple(
        (tensors[f"hada_w{one}_a"], tensors[f"hada_w{one}_b"], tensors.get(f"hada_t{one}")) for one in (1, 2)
    )
    return Hadamard(pairs=pairs, scale=_scale(alpha, len(tensors["hada_w1_b"])))


def _kronecker(tensors: Tensors, alpha: float | None) -> Kronecker:
    def factor(one: int) -> torch.Tensor:
        whole = tensors.get(f"lokr_w{one}")
        if whole is not None:
            return whole
        pair = tensors[f"lokr_w{one}_a"], tensors[f"lokr_w{one}_b"]
        return product(*pair, tensors.get("lokr_t2") if one == 2 else None)

    ranks = [len(tensors[f"lokr_w{one}_b"]) for one in (2, 1) if f"lokr_w{one}_b" in tensors]
    # Two whole matrices have no rank, and no scale.
    return Kronecker(first=factor(1), second=factor(2), scale=_scale(alpha, ranks[0]) if ranks else 1.0)


def _generalized(tensors: Tensors, alpha: float | None) -> Generalized:
    a1, a2, b1, b2 = (tensors[name] for name in ("a1", "a2", "b1", "b2"))
    core = tensors.get("bm")
    # The Tucker form has the outer sides first.
    b = product(b1.flatten(1), b2, None) if core is None else product(b1.flatten(1).T, b2.flatten(1), core)
    return Generalized(a1=a1.flatten(1), a2=a2.flatten(1), b=b, scale=_scale(alpha, len(a2)))


def _scale(alpha: float | None, rank: int) -> float:
    return 1.0 if alpha is None or alpha == 0 else alpha / rank
