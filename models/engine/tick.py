"""One UNet call for the rows of a tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from models.engine.lanes import Tick
from models.engine.rows import Row
from models.engine.tiling import circular


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Inputs of one UNet call. With guidance the first half of each is negative, the second positive."""

    #: (n, channels, height, width)
    inputs: torch.Tensor
    #: (n,)
    times: torch.Tensor
    #: (n, tokens, hidden)
    text: torch.Tensor
    #: Further arguments of the call, by name: tensors (n, ...), or lists and dicts of them.
    options: dict[str, Any] = field(default_factory=dict)


def predict(tick: Tick) -> torch.Tensor:
    """The UNet's prediction for each row, guidance applied: (rows, channels, height, width)."""
    batch = make_batch(tick)
    output = call_unet(tick, batch)
    if tick.width not in tick.lane.proofs:
        tick.lane.proofs[tick.width] = _rows_are_independent(tick, batch, output)
    if not tick.rows[0].key.guided:
        return output[: len(tick.rows)]
    negative, positive = (half[: len(tick.rows)] for half in output.chunk(2))
    # A Python number, as diffusers has it here, is never rounded to half precision; nor is this.
    scales = torch.tensor([row.guidance_scale for row in tick.rows], device=output.device)
    return negative + (scales.view(-1, 1, 1, 1) * (positive - negative)).to(output.dtype)


def make_batch(tick: Tick) -> Batch:
    """The rows' inputs, the last row repeated up to the width."""
    padding = tick.width - len(tick.rows)
    inputs = [row.model_input() for row in tick.rows]
    times = [row.time for row in tick.rows]
    told = [row.conditions() for row in tick.rows]
    for column in (inputs, times, told):
        column += [column[-1]] * padding
    # Of each half, the parts of all rows.
    parts = [part for half in zip(*told, strict=True) for part in half]
    halves = len(told[0])
    device = inputs[0].device
    return Batch(
        inputs=torch.cat(inputs * halves),
        times=torch.tensor(times * halves, dtype=torch.float32, device=device),
        text=torch.cat([part.text for part in parts]),
        options=_merged(torch.cat, [part.options for part in parts]),
    )


def call_unet(tick: Tick, batch: Batch) -> torch.Tensor:
    unet = tick.lane.model.unet
    with circular(unet, tick.rows[0].key.tiling):
        return unet(batch.inputs, batch.times, batch.text, return_dict=False, **batch.options)[0]


def _rows_are_independent(tick: Tick, batch: Batch, output: torch.Tensor) -> bool:
    """The self-test: does row 0 come out the same, bit for bit, in another slot among other companions?

    It runs once for each lane and width on the first real call there: the very kernels and shapes that count.
    """
    halves = len(batch.inputs) // tick.width
    # Row 0 goes to the last slot of each half; its companions are mirrored.
    slots = torch.arange(len(batch.inputs), device=batch.inputs.device).view(halves, tick.width)
    order, first, mine = slots.roll(-1, dims=1).flatten(), slots[:, 0], slots[:, -1]
    inputs = batch.inputs[order].flip(-1)
    inputs[mine] = inputs[mine].flip(-1)
    moved = Batch(
        inputs=inputs,
        times=batch.times[order],
        text=batch.text[order],
        options=_merged(lambda values: values[0][order], [batch.options]),
    )
    again = call_unet(tick, moved)
    return torch.equal(again[mine], output[first])


def _merged(merge: Callable[[Sequence[torch.Tensor]], torch.Tensor], values: Sequence[Any]) -> Any:
    """Values of one shape, dicts and lists of tensors, made one by merging tensor with tensor."""
    first = values[0]
    if isinstance(first, dict):
        return {name: _merged(merge, [value[name] for value in values]) for name in first}
    if isinstance(first, list | tuple):
        return type(first)(_merged(merge, column) for column in zip(*values, strict=True))
    return merge(values)


def alone(tick: Tick, row: Row) -> Tick:
    """The same call for one row only; a row that is free shrinks to width 1, which needs the least memory."""
    return Tick(lane=tick.lane, rows=[row], width=row.demand or 1)
