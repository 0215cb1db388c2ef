"""Computing in less memory: attention head by head."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


class _Sliced(TorchFunctionMode):
    """Attention for one head of one row at a time, whoever asks for it."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        further = dict(kwargs or {})
        if func is not torch.nn.functional.scaled_dot_product_attention or args[0].dim() != 4:
            return func(*args, **further)
        query, key, value = args
        mask = further.pop("attn_mask", None)
        result = torch.empty((*query.shape[:-1], value.shape[-1]), dtype=query.dtype, device=query.device)
        mask = None if mask is None else mask.expand(*query.shape[:2], *mask.shape[-2:])
        for row in range(query.shape[0]):
            for head in range(query.shape[1]):
                at = (slice(row, row + 1), slice(head, head + 1))
                masked = None if mask is None else mask[at]
                result[at] = func(query[at], key[at], value[at], attn_mask=masked, **further)
        return result


def sliced_attention(wanted: bool) -> AbstractContextManager[Any]:
    """Have attention computed for one head of one row at a time, if wanted, while this lasts.

    Each head's numbers are those of the call for all heads.
    """
    return _Sliced() if wanted else nullcontext()
