"""The knee: from which batch width on a wider UNet call no longer pays."""

from __future__ import annotations

from models.engine.widths import WIDTHS

#: Calls at a width before its time counts; the first ones are slow while caches and kernels warm up.
_SAMPLES = 3
#: A doubled width has to make rows at least this much cheaper, else it only makes everyone wait.
_WORTH = 0.95


class Knee:
    """Learns from live ticks: small latents on big cards gain up to the widest call, big ones not at all."""

    def __init__(self, max_width: int) -> None:
        self._widths = [width for width in WIDTHS if width <= max_width]
        self._samples: dict[int, list[float]] = {width: [] for width in WIDTHS}

    def measures(self, width: int) -> bool:
        """Whether another sample of this width is wanted."""
        return len(self._samples[width]) < _SAMPLES

    def note(self, width: int, seconds: float) -> None:
        """Take the time of one call."""
        if self.measures(width):
            self._samples[width].append(seconds)

    def forbid(self, width: int) -> None:
        """Take note that there is no memory for a call so wide; only 1 is always allowed."""
        self._widths = [other for other in self._widths if other < width] or self._widths[:1]

    @property
    def width(self) -> int:
        """The widest call that is known, or may be hoped, to pay and to fit."""
        best = self._widths[0]
        for wider in self._widths[1:]:
            cost, wider_cost = self._row_seconds(best), self._row_seconds(wider)
            if cost is not None and wider_cost is not None and wider_cost > cost * _WORTH:
                break
            best = wider
        return best

    def _row_seconds(self, width: int) -> float | None:
        return None if self.measures(width) else min(self._samples[width]) / width
