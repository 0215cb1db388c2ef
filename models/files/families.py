"""Families of base models, told by shapes: the width of the text that they read, and their depth."""

from __future__ import annotations

#: Stable Diffusion 1 and 2 and SDXL's refiner read one text encoder, SDXL two side by side (768 + 1280).
_BY_WIDTH = {768: "sd1", 1024: "sd2", 1280: "sdxl-refiner", 2048: "sdxl"}
#: SDXL's distilled children (Gupta et al. 2024), by the depth of their innermost transformer; SDXL's is 10.
_DISTILLED = {4: "ssd-1b", 2: "vega"}


def family_of(width: int | None, depth: int = 10) -> str | None:
    """The family's name, e.g. "sd1"; None where no family is of these shapes.

    Args:
        width: numbers in each token's text that is read.
        depth: transformer blocks in the innermost attention; tells SDXL from its children alone.
    """
    family = _BY_WIDTH.get(width or 0)
    return _DISTILLED.get(depth, family) if family == "sdxl" else family
