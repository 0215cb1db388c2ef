"""`/img2img`: a picture from a picture and words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.inputs import Input
from core.model_spec import ModelSpec
from core.options.drawing import DrawOptions, read_strength
from core.options.words import Words
from core.sizes import size_like
from core.stages import Decode, Denoise, EncodeImage, Stage

STRENGTH = 0.7


@dataclass(frozen=True, kw_only=True)
class Img2ImgOptions(DrawOptions):
    image: Input
    #: 0 keeps the picture, 1 replaces it.
    strength: float | str | None = None

    def own_size(self, spec: ModelSpec) -> tuple[int, int]:
        return size_like(self.image.width, self.image.height, spec)

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:  # noqa: ARG002
        source = EncodeImage(image=self.image.sha256, width=denoise.width, height=denoise.height)
        strength = read_strength(self.strength, STRENGTH)
        return words.text, source, replace(denoise, strength=strength), Decode()
