"""`/inpaint` and `/outpaint`: a part of a picture from words; the rest stays as it is, to the pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.inputs import Input
from core.model_spec import ModelSpec
from core.options.drawing import DrawOptions, read_strength
from core.options.words import Words
from core.sizes import size_like
from core.stages import Composite, Decode, Denoise, EncodeImage, Stage

STRENGTH = 1.0


@dataclass(frozen=True, kw_only=True)
class InpaintOptions(DrawOptions):
    image: Input
    #: As large as the image; white is painted anew.
    mask: Input
    #: What may differ from the image in the end; None: all that is painted anew. Outpainting paints a little
    #: of the picture, too, so that what it adds meets it without a seam.
    change: Input | None = None
    strength: float | str | None = None

    def own_size(self, spec: ModelSpec) -> tuple[int, int]:
        return size_like(self.image.width, self.image.height, spec)

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:  # noqa: ARG002
        image = self.image.sha256
        strength = read_strength(self.strength, STRENGTH)
        return (
            words.text,
            EncodeImage(image=image, width=denoise.width, height=denoise.height),
            replace(denoise, strength=strength, mask=self.mask.sha256),
            Decode(),
            Composite(image=image, mask=(self.change or self.mask).sha256),
        )
