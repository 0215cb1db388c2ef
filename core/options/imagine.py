"""`/imagine`: a picture from words; by hires fix small first, with a refiner ended by another model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import BadOption
from core.hires import HIRES_STRENGTH, in_two_passes
from core.model_spec import ModelSpec
from core.options.checks import decimal_number, given
from core.options.drawing import DrawOptions, read_strength
from core.options.words import Words
from core.sizes import scaled_size
from core.stages import Decode, Denoise, Stage
from core.words import _

MAX_HIRES_SCALE = 4.0
#: Where a refiner takes over (`high_noise_fraction`; Podell et al. 2023 end with the last fifth).
REFINER_FROM = 0.8


@dataclass(frozen=True, kw_only=True)
class ImagineOptions(DrawOptions):
    #: Factor of hires fix on both sides; None draws once.
    hires: float | str | None = None
    hires_strength: float | str | None = None
    #: Name of a model that ends what the first one began.
    refiner: str | None = None
    #: The share of the noise schedule that is the first one's, 0..1.
    refiner_from: float | str | None = None

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:
        if self.refiner:
            return self._refined(words, denoise)
        if self.hires is None or self.hires == "":
            return super().stages(words, denoise, spec)
        scale = decimal_number("hires", self.hires, low=1.0, high=MAX_HIRES_SCALE)
        width, height = scaled_size("hires", (denoise.width, denoise.height), scale, spec)
        strength = read_strength(self.hires_strength, HIRES_STRENGTH)
        return in_two_passes((words.text, denoise, Decode()), width=width, height=height, strength=strength)

    def _refined(self, words: Words, denoise: Denoise) -> tuple[Stage, ...]:
        if self.hires:
            raise BadOption(
                "refiner", self.refiner, _("it does not go together with hires fix. Keep one of the two.")
            )
        share = decimal_number("refiner from", given(self.refiner_from, REFINER_FROM), low=0.0, high=1.0)
        # LoRAs, controls and references are made for the first model.
        end = replace(denoise, start=share, model=self.refiner, controls=(), references=())
        return words.text, replace(denoise, end=share), end, Decode()
