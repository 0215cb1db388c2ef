"""`/imagine`: a picture from words; with hires fix, drawn small first and then larger over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.model_spec import ModelSpec
from core.options.checks import decimal_number
from core.options.drawing import DrawOptions, read_strength
from core.options.words import Words
from core.sizes import scaled_size
from core.stages import Decode, Denoise, ResizeLatents, Stage

#: How much the second pass of hires fix draws anew where nobody says: enough to mend what scaling blurs.
HIRES_STRENGTH = 0.6
MAX_HIRES_SCALE = 4.0


@dataclass(frozen=True, kw_only=True)
class ImagineOptions(DrawOptions):
    #: Factor of hires fix on both sides; None draws once.
    hires: float | str | None = None
    hires_strength: float | str | None = None

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:
        if self.hires is None or self.hires == "":
            return super().stages(words, denoise, spec)
        scale = decimal_number("hires", self.hires, low=1.0, high=MAX_HIRES_SCALE)
        width, height = scaled_size("hires", (denoise.width, denoise.height), scale, spec)
        again = replace(
            denoise,
            width=width,
            height=height,
            strength=read_strength(self.hires_strength, HIRES_STRENGTH),
        )
        return words.text, denoise, ResizeLatents(width=width, height=height), again, Decode()
