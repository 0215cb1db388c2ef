"""Tiles of a picture that is too large for one UNet call: rows of their own, over one sampler.

At every step each tile takes part in a UNet call as any row does, next to whatever else the lane holds: a few
at a time, so that a picture of a thousand tiles is no more to choose from than others. When the last one's
prediction is there, all are mixed with feathered weights, and the whole picture makes its step
(Bar-Tal et al. 2023, arXiv:2302.08113; the mixing of predictions as in Jiménez 2023, arXiv:2302.02412). Noise
is drawn once for the whole picture, so that a tile never disagrees with its neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from core.stages import DenoiseTiles
from models.engine.conditions import Conditions, conditions
from models.engine.images import ImageRun
from models.engine.rows import LaneKey, Row
from models.engine.widths import WIDTHS


@dataclass(frozen=True, kw_only=True)
class Window:
    """Where a tile lies, in latents."""

    top: int
    left: int
    height: int
    width: int

    def of(self, canvas: torch.Tensor) -> torch.Tensor:
        """Its part (..., height, width) of (..., h, w)."""
        return canvas[..., self.top : self.top + self.height, self.left : self.left + self.width]


class Canvas(Row):
    """The whole picture: its sampler and latents, and the tiles that speak to the UNet in its place."""

    stage: DenoiseTiles

    def __init__(self, run: ImageRun, stage: DenoiseTiles) -> None:
        self.windows = windows_of(stage, run.model.vae_factor)
        self.calls_a_step = len(self.windows)
        self._said: dict[int, tuple[torch.Tensor, int]] = {}
        #: For the present step: what tiles see a part of, and the windows that no tile has yet.
        self._input_now: torch.Tensor | None = None
        self._open = iter(range(len(self.windows)))
        super().__init__(run, stage)
        # More than fit in one call need not be there.
        self.tiles = [Tile(self) for _ in range(min(len(self.windows), WIDTHS[-1]))]

    def riders(self) -> list[Row]:
        return list(self.tiles)

    def next_window(self) -> int | None:
        """Number of a window of the present step that no tile has yet; None where there is none."""
        return next(self._open, None)

    def model_input(self) -> torch.Tensor:
        if self._input_now is None:
            self._input_now = super().model_input()
        return self._input_now

    def take(self, number: int, prediction: torch.Tensor, width: int) -> None:
        """The prediction (1, channels, height, width) for a window, and the width of its call."""
        self._said[number] = prediction, width
        if len(self._said) < len(self.windows):
            return
        # In the windows' order, whichever call came first: so sums and recipe are the same on a rerun.
        predictions, widths = zip(*(self._said[window] for window in range(len(self.windows))), strict=True)
        self._said, self._input_now = {}, None
        self._widths += widths[:-1]
        self.step(mixed(predictions, self.windows, self.latents), widths[-1])
        self._open = iter(range(len(self.windows)))
        for tile in self.tiles:
            tile.move_on()

    def conditions(self) -> tuple[Conditions, ...]:
        """A tile is told its own size, as any picture of that size."""
        factor, first = self.run.model.vae_factor, self.windows[0]
        as_tile = replace(self.stage, width=first.width * factor, height=first.height * factor)
        return conditions(self.run.model, as_tile, self.text_now(), self.references)


class Tile(Row):
    """A window of a canvas after the other. All that it holds itself is which one."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._number = canvas.next_window()
        self.run, self.owner, self.stage = canvas.run, canvas.owner, canvas.stage
        self.guidance_scale, self.references = canvas.guidance_scale, canvas.references
        self.controls = ()
        self.control_width = 0
        window = canvas.windows[0]
        self.key: LaneKey = replace(canvas.key, height=window.height, width=window.width)

    def move_on(self) -> None:
        """To the next window of the step; without one it waits for the others."""
        self._number = self._canvas.next_window()

    @property
    def ready(self) -> bool:
        return self._number is not None

    @property
    def demand(self) -> int | None:
        return None if self._number is None else self._canvas.demand_of(self._number)

    @property
    def call(self) -> int:
        return self._canvas.call

    @property
    def calls(self) -> int:
        return self._canvas.calls

    @property
    def time(self) -> float:
        return self._canvas.time

    @property
    def progress(self) -> int:
        return self._canvas.progress

    def model_input(self) -> torch.Tensor:
        return self._canvas.windows[self._number].of(self._canvas.model_input())

    def conditions(self) -> tuple[Conditions, ...]:
        return self._canvas.conditions()

    def step(self, prediction: torch.Tensor, width: int) -> None:
        number, self._number = self._number, self._canvas.next_window()
        self._canvas.take(number, prediction, width)

    def estimate(self) -> torch.Tensor:
        return self._canvas.estimate()

    def finish(self) -> None:
        self._canvas.finish()


def windows_of(stage: DenoiseTiles, factor: int) -> list[Window]:
    """Row by row.

    Args:
        factor: pixels along one side of a latent.
    """
    height, width = (min(stage.tile, side) // factor for side in (stage.height, stage.width))
    return [
        Window(top=top, left=left, height=height, width=width)
        for top in stage.starts(stage.height, factor)
        for left in stage.starts(stage.width, factor)
    ]


def mixed(predictions: tuple[torch.Tensor, ...], windows: list[Window], like: torch.Tensor) -> torch.Tensor:
    """One prediction (1, channels, h, w) of the tiles', whose weights fade towards their edges."""
    channels, (height, width) = predictions[0].shape[1], like.shape[2:]
    total = torch.zeros(1, channels, height, width, device=like.device, dtype=torch.float32)
    weight = torch.zeros(1, 1, height, width, device=like.device, dtype=torch.float32)
    feather = _fading(windows[0].height)[:, None] * _fading(windows[0].width)
    feather = feather.to(like.device)
    for prediction, window in zip(predictions, windows, strict=True):
        window.of(total).add_(prediction.float() * feather)
        window.of(weight).add_(feather)
    return (total / weight).to(like.dtype)


def _fading(length: int) -> torch.Tensor:
    """(length,): a Hann window, above 0 everywhere; where no other tile lies its height does not matter."""
    return torch.hann_window(length + 2, periodic=False)[1:-1]
