"""One UNet call for the rows of a tick."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from models.adapters.names import UNET
from models.control.residuals import with_residuals
from models.engine.batch import Batch, merged, rows_are_independent
from models.engine.lanes import Tick
from models.engine.placement import Part
from models.engine.rows import Row
from models.engine.tiling import circular


def predict(tick: Tick) -> torch.Tensor:
    """The UNet's prediction for each row, guidance applied: (rows, channels, height, width)."""
    model, key = tick.lane.model, tick.rows[0].key
    with model.drawing(key.height * key.width * model.vae_factor**2):
        return _predict(tick)


def _predict(tick: Tick) -> torch.Tensor:
    batch = make_batch(tick)
    output = call_unet(tick, batch)
    if tick.width not in tick.lane.proofs:
        proof = rows_are_independent(lambda moved: [call_unet(tick, moved)], batch, tick.width, [output])
        tick.lane.proofs[tick.width] = proof
    if not tick.rows[0].key.guided:
        return output[: len(tick.rows)]
    return guided(output, [row.guidance_scale for row in tick.rows])


def guided(halves: torch.Tensor, scales: Sequence[float]) -> torch.Tensor:
    """Classifier-free guidance (Ho & Salimans 2022), to the last bit as diffusers has it.

    Args:
        halves: (2 x width, channels, height, width) of negative and positive predictions; what lies past the
            rows that have a scale is padding.
        scales: of each row.
    """
    negative, positive = (half[: len(scales)] for half in halves.chunk(2))
    # A Python number, as diffusers has it here, is never rounded to half precision; nor is this.
    factors = torch.tensor(scales, device=halves.device).view(-1, 1, 1, 1)
    return negative + (factors * (positive - negative)).to(halves.dtype)


def make_batch(tick: Tick) -> Batch:
    """The rows' inputs, the last row repeated up to the width, and what ControlNets say to them."""
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
    batch = Batch(
        inputs=torch.cat(inputs * halves),
        times=torch.tensor(times * halves, dtype=torch.float32, device=device),
        text=torch.cat([part.text for part in parts]),
        options=merged(torch.cat, [part.options for part in parts]),
    )
    return with_residuals(tick, batch)


def call_unet(tick: Tick, batch: Batch) -> torch.Tensor:
    model, key = tick.lane.model, tick.rows[0].key
    unet = model.unet
    model.placement.bring(Part.UNET)
    model.overlay.wear(UNET, unet, key.adapters)
    model.wardrobe.dress(unet, tick.rows[0].references)
    with circular(unet, key.tiling):
        return unet(batch.inputs, batch.times, batch.text, return_dict=False, **batch.options)[0]


def alone(tick: Tick, row: Row) -> Tick:
    """The same call for one row only; a row that is free shrinks to width 1, which needs the least memory."""
    return Tick(lane=tick.lane, rows=[row], width=row.demand or 1)
