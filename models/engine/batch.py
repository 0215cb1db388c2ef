"""What one call of a network is made of, and the proof that its rows do not depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Inputs of one call. With guidance the first half of each is negative, the second positive."""

    #: (n, channels, height, width)
    inputs: torch.Tensor
    #: (n,)
    times: torch.Tensor
    #: (n, tokens, hidden)
    text: torch.Tensor
    #: Further arguments of the call, by name: tensors (n, ...), or lists and dicts of them.
    options: dict[str, Any] = field(default_factory=dict)

    def take(self, rows: torch.Tensor) -> Batch:
        """The same for some rows, by their numbers (m,)."""
        return Batch(
            inputs=self.inputs[rows],
            times=self.times[rows],
            text=self.text[rows],
            options=merged(lambda values: values[0][rows], [self.options]),
        )


def merged(merge: Callable[[Sequence[torch.Tensor]], torch.Tensor], values: Sequence[Any]) -> Any:
    """Values of one shape, dicts and lists of tensors, made one by merging tensor with tensor."""
    first = values[0]
    if isinstance(first, dict):
        return {name: merged(merge, [value[name] for value in values]) for name in first}
    if isinstance(first, list | tuple):
        return type(first)(merged(merge, column) for column in zip(*values, strict=True))
    return merge(values)


def rows_are_independent(
    call: Callable[[Batch], Sequence[torch.Tensor]], batch: Batch, width: int, outputs: Sequence[torch.Tensor]
) -> bool:
    """The self-test: does row 0 come out the same, bit for bit, in another slot among other companions?

    It runs once for each lane and width on the first real call there: the very kernels and shapes that count.

    Args:
        outputs: what the call made of the batch, each (n, ...).
    """
    halves = len(batch.inputs) // width
    # Row 0 goes to the last slot of each half; its companions are mirrored.
    slots = torch.arange(len(batch.inputs), device=batch.inputs.device).view(halves, width)
    order, first, mine = slots.roll(-1, dims=1).flatten(), slots[:, 0], slots[:, -1]
    moved = batch.take(order)
    inputs = moved.inputs.flip(-1)
    inputs[mine] = inputs[mine].flip(-1)
    again = call(Batch(inputs=inputs, times=moved.times, text=moved.text, options=moved.options))
    return all(torch.equal(one[mine], other[first]) for one, other in zip(again, outputs, strict=True))
