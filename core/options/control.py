"""`/control`: a picture from words that follows the edges, depth or poses of others."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.addon_spec import PREPROCESSORS
from core.guides import ControlUnit
from core.inputs import Input
from core.model_spec import ModelSpec
from core.options.checks import decimal_number, given, named
from core.options.imagine import ImagineOptions
from core.options.words import Words
from core.sizes import size_like
from core.stages import Denoise, Stage


@dataclass(frozen=True, kw_only=True)
class Guide:
    """A ControlNet and the picture that it follows."""

    #: Name of the ControlNet.
    control: str
    image: Input
    #: How a map is drawn from the picture; None: it is one.
    preprocessor: str | None = None
    #: How strongly it counts, 0..2.
    scale: float | str | None = None
    #: Shares of the steps between which it counts, 0..1.
    start: float | str | None = None
    end: float | str | None = None

    def unit(self) -> ControlUnit:
        """Raises BadOption where a value will not do."""
        start = decimal_number("start", given(self.start, 0.0), low=0.0, high=1.0)
        return ControlUnit(
            model=self.control,
            image=self.image.sha256,
            preprocessor=named("preprocessor", self.preprocessor, PREPROCESSORS)
            if self.preprocessor
            else None,
            scale=decimal_number("control scale", given(self.scale, 1.0), low=0.0, high=2.0),
            start=start,
            end=decimal_number("end", given(self.end, 1.0), low=start, high=1.0),
        )


@dataclass(frozen=True, kw_only=True)
class ControlOptions(ImagineOptions):
    guides: tuple[Guide, ...]

    def own_size(self, spec: ModelSpec) -> tuple[int, int]:
        first = self.guides[0].image
        return size_like(first.width, first.height, spec)

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:
        units = tuple(guide.unit() for guide in self.guides)
        return super().stages(words, replace(denoise, controls=units), spec)
