"""LoHa, LoKr, DoRA, GLoRA, OFT and BOFT against their papers' formulas, computed here in another way."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from models.adapters.files import load_adapter
from models.adapters.laid import Laid, Overlay
from models.adapters.making import make_patch
from models.engine.engine import Engine
from tests.adapters.orders import adapted, draw
from tests.engine.stock import make_request

Arrays = dict[str, np.ndarray]


def _numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def _linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(6, 8)


def _convolution() -> nn.Conv2d:
    torch.manual_seed(0)
    return nn.Conv2d(6, 8, 3, stride=2, padding=1)


def _low_rank(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    kernel = layer.weight.shape[2:]
    down, up = _numbers(4, 6, *kernel), _numbers(8, 4, *[1] * len(kernel))
    delta = np.einsum("or,ri...->oi...", up.numpy().reshape(8, 4), down.numpy()) * (2 / 4)
    return {"down": down, "up": up, "alpha": torch.tensor(2.0)}, delta


def _tucker_low_rank(_layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    down, mid, up = _numbers(4, 6, 1, 1), _numbers(4, 4, 3, 3), _numbers(8, 4, 1, 1)
    delta = np.einsum("oa,abkl,bi->oikl", up.numpy()[:, :, 0, 0], mid.numpy(), down.numpy()[:, :, 0, 0])
    return {"down": down, "up": up, "mid": mid, "alpha": torch.tensor(2.0)}, delta / 2


def _hadamard(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    inside = layer.weight[0].numel()
    tensors = {
        f"hada_w{one}_{side}": _numbers(*shape, seed=one)
        for one in (1, 2)
        for side, shape in (("a", (8, 4)), ("b", (4, inside)))
    }
    told = {name: value.numpy().astype(float) for name, value in tensors.items()}
    delta = np.empty((8, inside))
    for out in range(8):
        first = sum(told["hada_w1_a"][out, rank] * told["hada_w1_b"][rank] for rank in range(4))
        second = sum(told["hada_w2_a"][out, rank] * told["hada_w2_b"][rank] for rank in range(4))
        delta[out] = first * second * (3 / 4)
    return {**tensors, "alpha": torch.tensor(3.0)}, delta.reshape(layer.weight.shape)


def _tucker_hadamard(_layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    tensors = {
        f"hada_{name}{one}{side}": _numbers(*shape, seed=one)
        for one in (1, 2)
        for name, side, shape in (("w", "_a", (4, 8)), ("w", "_b", (4, 6)), ("t", "", (4, 4, 3, 3)))
    }
    first, second = (
        np.einsum("abkl,ao,bi->oikl", *(tensors[f"hada_{name}"].numpy() for name in names))
        for names in (("t1", "w1_a", "w1_b"), ("t2", "w2_a", "w2_b"))
    )
    return {**tensors, "alpha": torch.tensor(4.0)}, first * second


def _kronecker(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    kernel = layer.weight.shape[2:]
    first, a = _numbers(2, 3), _numbers(4, 4)
    b = _numbers(4, 2 * kernel.numel())
    second = (a.numpy() @ b.numpy()).reshape(4, 2, *kernel)
    delta = np.empty(tuple(layer.weight.shape))
    for out in range(8):
        for inside in range(6):
            delta[out, inside] = first.numpy()[out // 4, inside // 2] * second[out % 4, inside % 2] * (3 / 4)
    return {"lokr_w1": first, "lokr_w2_a": a, "lokr_w2_b": b, "alpha": torch.tensor(3.0)}, delta


def _tucker_kronecker(_layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    first, core, a, b = _numbers(2, 3), _numbers(4, 4, 3, 3), _numbers(4, 4), _numbers(4, 2)
    second = np.einsum("abkl,ao,bi->oikl", core.numpy(), a.numpy(), b.numpy())
    delta = np.empty((8, 6, 3, 3))
    for out in range(8):
        for inside in range(6):
            delta[out, inside] = first.numpy()[out // 4, inside // 2] * second[out % 4, inside % 2] / 2
    tensors = {"lokr_w1": first, "lokr_w2_a": a, "lokr_w2_b": b, "lokr_t2": core}
    return {**tensors, "alpha": torch.tensor(2.0)}, delta


def _whole_kronecker(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    """Two whole matrices: their alpha means nothing."""
    kernel = layer.weight.shape[2:]
    first, second = _numbers(2, 3), _numbers(4, 2, *kernel)
    delta = np.empty(tuple(layer.weight.shape))
    for out in range(8):
        for inside in range(6):
            delta[out, inside] = first.numpy()[out // 4, inside // 2] * second.numpy()[out % 4, inside % 2]
    return {"lokr_w1": first, "lokr_w2": second, "alpha": torch.tensor(3.0)}, delta


def _decomposed(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    """Lengths of each output's weights, as the paper has them."""
    tensors, delta = _low_rank(layer)
    lengths = _numbers(8).abs()
    own = layer.weight.detach().numpy()
    changed = own + delta
    for out in range(8):
        changed[out] *= lengths[out].item() / np.sqrt((changed[out] ** 2).sum())
    return {**tensors, "dora_scale": lengths.reshape(8, *[1] * (own.ndim - 1))}, changed - own


def _decomposed_by_inputs(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    """Lengths of each input's weights, as earlier files have them."""
    tensors, delta = _hadamard(layer)
    lengths = _numbers(6).abs()
    own = layer.weight.detach().numpy()
    changed = own + delta
    for inside in range(6):
        changed[:, inside] *= lengths[inside].item() / np.sqrt((changed[:, inside] ** 2).sum())
    return {**tensors, "dora_scale": lengths.reshape(1, 6, *[1] * (own.ndim - 2))}, changed - own


def _generalized(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    kernel = layer.weight.shape[2:]
    ones = [1] * len(kernel)
    a1, a2 = _numbers(6, 4, *ones), _numbers(4, 6, *ones)
    b1, b2 = _numbers(8, 4, *ones), _numbers(4, 6, *kernel)
    own, mixing = layer.weight.detach().numpy(), a1.numpy().reshape(6, 4) @ a2.numpy().reshape(4, 6)
    delta = np.einsum("or,ri...->oi...", b1.numpy().reshape(8, 4), b2.numpy())
    for place in np.ndindex(*kernel):
        delta[:, :, *place] += own[:, :, *place] @ mixing
    return {"a1": a1, "a2": a2, "b1": b1, "b2": b2, "alpha": torch.tensor(2.0)}, delta / 2


def _tucker_generalized(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    a1, a2, b1, b2 = (_numbers(*shape, 1, 1) for shape in ((6, 4), (4, 6), (8, 4), (4, 6)))
    core = _numbers(4, 4, 3, 3)
    own = layer.weight.detach().numpy()
    delta = np.einsum("oa,abkl,bi->oikl", b1.numpy()[:, :, 0, 0], core.numpy(), b2.numpy()[:, :, 0, 0])
    delta += np.einsum("oikl,ir,rj->ojkl", own, a1.numpy()[:, :, 0, 0], a2.numpy()[:, :, 0, 0])
    return {"a1": a1, "a2": a2, "b1": b1, "b2": b2, "bm": core}, delta


def _cayley(block: np.ndarray) -> np.ndarray:
    skew = block - block.T
    return (np.eye(len(block)) + skew) @ np.linalg.inv(np.eye(len(block)) - skew)


def _rotated(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    blocks, rescale = _numbers(2, 4, 4), 1 + _numbers(8).abs()
    own = layer.weight.detach().numpy().astype(float)
    turn = np.zeros((8, 8))
    for one in range(2):
        place = slice(4 * one, 4 * one + 4)
        turn[place, place] = _cayley(blocks[one].numpy().astype(float)).T
    changed = np.einsum("op,pi...->oi...", np.diag(rescale.numpy()) @ turn, own)
    shape = (8, *[1] * (own.ndim - 1))
    return {
        "oft_blocks": blocks,
        "rescale": rescale.reshape(shape),
        "alpha": torch.tensor(0.0),
    }, changed - own


def _held_rotation(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    """Its Q is scaled down to the constraint, alpha times the outputs."""
    blocks = _numbers(2, 4, 4)
    skew = blocks - blocks.transpose(1, 2)
    within = blocks * (0.1 * 8 / skew.norm())
    _, delta = _rotated_by(layer, within)
    return {"oft_blocks": blocks, "alpha": torch.tensor(0.1)}, delta


def _rotated_by(layer: nn.Module, blocks: torch.Tensor) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    own = layer.weight.detach().numpy().astype(float)
    turns = [_cayley(block.numpy().astype(float)).T for block in blocks]
    halves = [np.einsum("op,pi...->oi...", turn, own[4 * at : 4 * at + 4]) for at, turn in enumerate(turns)]
    return {"oft_blocks": blocks}, np.concatenate(halves) - own


def _butterfly(layer: nn.Module) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    """Two rounds of pairs of 8 outputs: of neighbours, and of those that stand two apart."""
    blocks = _numbers(2, 4, 2, 2)
    own = layer.weight.detach().numpy().astype(float)
    changed = own.copy()
    for number, pairs in enumerate(([(0, 1), (2, 3), (4, 5), (6, 7)], [(0, 2), (1, 3), (4, 6), (5, 7)])):
        for one, pair in enumerate(pairs):
            turn = _cayley(blocks[number, one].numpy().astype(float))
            changed[list(pair)] = np.einsum("op,pi...->oi...", turn, changed[list(pair)])
    return {"oft_blocks": blocks}, changed - own


_BOTH = [
    _low_rank,
    _hadamard,
    _kronecker,
    _whole_kronecker,
    _decomposed,
    _decomposed_by_inputs,
    _generalized,
    _rotated,
    _held_rotation,
    _butterfly,
]
_CASES = [(_linear, case) for case in _BOTH] + [
    (_convolution, case)
    for case in [*_BOTH, _tucker_low_rank, _tucker_hadamard, _tucker_kronecker, _tucker_generalized]
]


@pytest.mark.parametrize(("make_layer", "case"), _CASES)
@pytest.mark.parametrize("weight", [1.0, -0.4])
def test_formulas(make_layer, case, weight: float) -> None:
    layer = make_layer()
    tensors, delta = case(layer)
    inputs = _numbers(2, 6) if isinstance(layer, nn.Linear) else _numbers(2, 6, 8, 8)
    changed = copy.deepcopy(layer)
    with torch.no_grad():
        changed.weight += weight * torch.from_numpy(delta).float()
        ours = layer(inputs) + make_patch(tensors).added(layer, inputs, weight)
        torch.testing.assert_close(ours, changed(inputs), rtol=1e-4, atol=1e-4)
        assert not torch.allclose(ours, layer(inputs), atol=1e-2)


@pytest.mark.parametrize("name", ["loha", "lokr", "dora", "glora", "oft", "boft"])
def test_in_the_engine(engine: Engine, name: str) -> None:
    """Each is drawn, changes the picture by its weight, and 0 changes nothing."""
    plain, half, full, none = draw(
        engine, make_request(), *[adapted({name: weight}) for weight in (0.5, 1.0, 0.0)]
    )
    assert none.image.tobytes() == plain.image.tobytes()
    assert len({image.image.tobytes() for image in (plain, half, full)}) == 3
    assert full.recipe.fingerprint.exact


def test_taken_off_nothing_is_left(model_dir: Path) -> None:
    """A network that wore adapters is what it was, to the last bit."""
    from weakref import ref

    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(model_dir / "tiny" / "unet", local_files_only=True)
    told = (_numbers(1, 4, 8, 8), torch.tensor([500.0]), _numbers(1, 77, 32))
    adapter = load_adapter(
        model_dir / "lycoris" / "dora.safetensors", "dora", torch.device("cpu"), torch.float32
    )
    laid = Laid(name="dora", weights_hash="", weight=1.0, adapter=ref(adapter))
    overlay = Overlay()
    with torch.inference_mode():
        before = unet(*told).sample
        overlay.wear("unet", unet, (laid,))
        worn = unet(*told).sample
        overlay.wear("unet", unet, ())
        after = unet(*told).sample
    assert not torch.allclose(before, worn)
    assert torch.equal(before, after)
    assert set(load_file(model_dir / "tiny" / "unet" / "diffusion_pytorch_model.safetensors")) == set(
        unet.state_dict()
    )
