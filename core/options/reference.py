"""`/reference`: a picture like others, with words or without."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import BadOption
from core.guides import Reference
from core.inputs import Input
from core.model_spec import ModelSpec
from core.options.checks import decimal_number, given
from core.options.control import ControlOptions
from core.options.words import Words
from core.sizes import size_for_ratio
from core.stages import Denoise, Stage
from core.words import _

SCALE = 0.6


@dataclass(frozen=True, kw_only=True)
class ReferenceOptions(ControlOptions):
    #: Name of the IP-Adapter.
    adapter: str | None
    #: Several are blended.
    images: tuple[Input, ...]
    #: How strongly they count beside the words, 0..2.
    likeness: float | str | None = None

    @property
    def needs_words(self) -> bool:
        return False

    def own_size(self, spec: ModelSpec) -> tuple[int, int]:
        return super().own_size(spec) if self.guides else size_for_ratio(1.0, spec)

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:
        if not self.adapter:
            raise BadOption("IP-Adapter", "", _("name the one that takes the pictures in."))
        reference = Reference(
            model=self.adapter,
            images=tuple(image.sha256 for image in self.images),
            scale=decimal_number("likeness", given(self.likeness, SCALE), low=0.0, high=2.0),
        )
        return super().stages(words, replace(denoise, references=(reference,)), spec)
