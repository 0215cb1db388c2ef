"""ControlNets in a tick: called for the rows that have one, their say scattered into zeros for all others.

A ControlNet's call has a width of its own from the set of widths, since its results too depend on the width:
the least that holds the tick's rows with a ControlNet. The recipe keeps it beside the UNet's, and a row that
replays one is called at just that width, whatever the others do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from models.control.units import Control
from models.engine.batch import Batch, rows_are_independent
from models.engine.lanes import Tick
from models.engine.tiling import circular
from models.engine.widths import WIDTHS, width_for

if TYPE_CHECKING:
    from diffusers import ControlNetModel


@dataclass(frozen=True, kw_only=True, eq=False)
class _Entry:
    """One ControlNet of one row."""

    #: Place of the row in the tick, and of the ControlNet in the row.
    slot: int
    number: int
    control: Control


#: What is said to one row: for each place in the UNet, innermost last, (halves, channels, height, width).
Residuals = list[torch.Tensor]


def with_residuals(tick: Tick, batch: Batch) -> Batch:
    """The UNet's batch, and in it what the ControlNets say; the batch itself where no row has one now."""
    groups = _groups(tick)
    said: dict[tuple[int, int], Residuals] = {}
    for (net, width), entries in groups.items():
        for start in range(0, len(entries), width):
            said |= _call(tick, batch, net, entries[start : start + width], width)
    if not said:
        return batch
    *down, middle = _scattered(said, len(batch.inputs), tick.width)
    told = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
    return replace(batch, options={**batch.options, **told})


def _groups(tick: Tick) -> dict[tuple[ControlNetModel, int], list[_Entry]]:
    """Entries by ControlNet and the width that they are called at; each row takes note of its width.

    One that was replaced on disk may share a tick with the new one of its name: they are two.
    """
    guided = [(slot, row) for slot, row in enumerate(tick.rows) if row.guiding_controls]
    free = sum(row.control_demand is None for _, row in guided)
    groups: dict[tuple[ControlNetModel, int], list[_Entry]] = defaultdict(list)
    for row in tick.rows:
        row.control_width = 0
    for slot, row in guided:
        width = row.control_demand or width_for(min(free, WIDTHS[-1]))
        row.control_width = width
        for number, control in enumerate(row.guiding_controls):
            groups[control.net, width].append(_Entry(slot=slot, number=number, control=control))
    return groups


def _call(
    tick: Tick, batch: Batch, net: ControlNetModel, entries: Sequence[_Entry], width: int
) -> Iterator[tuple[tuple[int, int], Residuals]]:
    """One call of a ControlNet at this width, the last entry repeated up to it: what it says to each row."""
    padded = [*entries, *[entries[-1]] * (width - len(entries))]
    halves = len(batch.inputs) // tick.width
    rows = torch.tensor([half * tick.width + entry.slot for half in range(halves) for entry in padded])
    asked = _question(batch.take(rows.to(batch.inputs.device)), net, padded * halves)
    with circular(net, tick.rows[0].key.tiling):
        outputs = _answer(net, asked)
        exact = _proved(tick, net, asked, width, outputs)
    for place, entry in enumerate(entries):
        row = tick.rows[entry.slot]
        row.run.exact = row.run.exact and exact
        scale = torch.tensor(entry.control.unit.scale, device=batch.inputs.device)
        # Scaled in full precision and rounded once, as a Python number is; then alike to the stock pipeline.
        own = [(output[place::width] * scale.view(1, 1, 1, 1)).to(output.dtype) for output in outputs]
        yield (entry.slot, entry.number), own


def _question(batch: Batch, net: ControlNetModel, entries: Sequence[_Entry]) -> Batch:
    """The UNet's batch as a ControlNet is asked: without the channels and conditions that are not for it."""
    options = {"controlnet_cond": torch.cat([entry.control.condition for entry in entries])}
    if net.config.addition_embed_type is not None:
        options["added_cond_kwargs"] = batch.options["added_cond_kwargs"]
    inputs = batch.inputs[:, : net.config.in_channels]
    return Batch(inputs=inputs, times=batch.times, text=batch.text, options=options)


def _answer(net: ControlNetModel, batch: Batch) -> list[torch.Tensor]:
    down, middle = net(batch.inputs, batch.times, batch.text, return_dict=False, **batch.options)
    return [*down, middle]


def _proved(
    tick: Tick, net: ControlNetModel, batch: Batch, width: int, outputs: Sequence[torch.Tensor]
) -> bool:
    """Whether rows were seen to be independent in this ControlNet's calls of this width."""
    proofs = tick.lane.control_proofs.setdefault(net, {})
    if width not in proofs:
        proofs[width] = rows_are_independent(lambda moved: _answer(net, moved), batch, width, outputs)
    return proofs[width]


def _scattered(said: dict[tuple[int, int], Residuals], rows: int, width: int) -> list[torch.Tensor]:
    """Zeros, and in each row's place the sum of what its ControlNets say, in their order."""
    columns = [part.new_zeros(rows, *part.shape[1:]) for part in next(iter(said.values()))]
    for (slot, _), parts in sorted(said.items(), key=lambda item: item[0]):
        for column, part in zip(columns, parts, strict=True):
            column[slot::width] += part
    return columns
