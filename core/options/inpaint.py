"""`/inpaint` and `/outpaint`: a part of a picture from words; the rest stays as it is, to the pixel."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from core.errors import BadOption
from core.inputs import Input
from core.model_spec import ModelSpec
from core.options.checks import decimal_number
from core.options.drawing import DrawOptions, read_strength
from core.options.words import Words
from core.sizes import size_like
from core.stages import MADE_MASK, Composite, Decode, Denoise, EncodeImage, MakeMask, Stage
from core.text import clean_text
from core.words import _

STRENGTH = 1.0


@dataclass(frozen=True, kw_only=True)
class InpaintOptions(DrawOptions):
    image: Input
    #: As large as the image; white is painted anew. None: `find` or `point` says what is.
    mask: Input | None = None
    #: Words for the thing that is painted anew, like "the hat".
    find: str | None = None
    #: A point on it, in percent from the left and from the top: "50 30".
    point: str | None = None
    #: What may differ from the image in the end; None: all that is painted anew. Outpainting paints a little
    #: of the picture, too, so that what it adds meets it without a seam.
    change: Input | None = None
    strength: float | str | None = None

    def own_size(self, spec: ModelSpec) -> tuple[int, int]:
        return size_like(self.image.width, self.image.height, spec)

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:  # noqa: ARG002
        image = self.image.sha256
        strength = read_strength(self.strength, STRENGTH)
        mask = MADE_MASK if self.mask is None else self.mask.sha256
        return (
            *self._find(),
            words.text,
            EncodeImage(
                image=image,
                width=denoise.width,
                height=denoise.height,
                whole=(self.image.width, self.image.height),
            ),
            replace(denoise, strength=strength, mask=mask),
            Decode(),
            Composite(image=image, mask=mask if self.change is None else self.change.sha256),
        )

    def _find(self) -> tuple[MakeMask, ...]:
        """The search for what is painted anew, where no mask is given. Raises BadOption."""
        if self.mask is not None:
            return ()
        point = None if self.point is None else _point(self.point)
        return (
            MakeMask(
                image=self.image.sha256, text=clean_text("find", self.find or "", limit=200), point=point
            ),
        )


def _point(text: str) -> tuple[float, float]:
    parts = re.findall(r"[0-9]+(?:[.,][0-9]+)?", text[:40])
    if len(parts) != 2:
        raise BadOption(
            "point", text, _("write two percentages, from the left and from the top, like `50 30`.")
        )
    across, down = (decimal_number("point", part, low=0.0, high=100.0) / 100 for part in parts)
    return across, down
