"""How much memory a model's calls take, found out without computing anything.

A call is made on torch's `meta` device, where tensors have shapes and no numbers, and every tensor's birth
and death is counted. That gives the peak of a call at any size in a fraction of a second, on a machine that
could never make it.

Attention counts as its result alone where the device has a kernel that makes no matrix of it (Dao et al.
2022; Rabe & Staats 2021), as graphics cards of Nvidia and AMD and processors have.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from enum import Enum
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Attention(Enum):
    """What attention makes besides its result."""

    #: Nothing.
    FUSED = 0
    #: The matrices of all heads, before and after the softmax.
    WHOLE = 1
    #: Those of one head.
    SLICED = 2


class _Live(TorchDispatchMode):
    """Counts the bytes of the tensors that a call makes while they live."""

    def __init__(self, attention: Attention) -> None:
        super().__init__()
        self._attention = attention
        self.bytes = self.peak = 0
        self._seen: set[int] = set()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        # What the call was given is not its own.
        for leaf in tree_leaves((args, kwargs)):
            if isinstance(leaf, torch.Tensor):
                self._seen.add(leaf.untyped_storage()._cdata)
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._count(leaf.untyped_storage())
        if func is torch.ops.aten.scaled_dot_product_attention.default:
            self.peak = max(self.peak, self.bytes + self._matrices(args[0], args[1]))
        return result

    def _matrices(self, query: torch.Tensor, key: torch.Tensor) -> int:
        one_head = 2 * query.shape[-2] * key.shape[-2] * query.element_size()
        heads = query.numel() // (query.shape[-1] * query.shape[-2])
        return one_head * {Attention.FUSED: 0, Attention.WHOLE: heads, Attention.SLICED: 1}[self._attention]

    def _count(self, storage: torch.UntypedStorage) -> None:
        # Views share their base's storage, which counts once.
        key = storage._cdata
        if key in self._seen:
            return
        size = storage.nbytes()
        self._seen.add(key)
        self.bytes += size
        self.peak = max(self.peak, self.bytes)
        weakref.finalize(storage, self._forget, key, size)

    def _forget(self, key: int, size: int) -> None:
        self._seen.discard(key)
        self.bytes -= size


def peak_bytes(call: Callable[[], object], attention: Attention = Attention.FUSED) -> int:
    """Most bytes that the tensors made by a call on the meta device take at once, its result included."""
    with torch.inference_mode(), _Live(attention) as live:
        result = call()
        del result
    return live.peak
