"""What guides a denoising besides words: maps for ControlNets, pictures for IP-Adapters."""

from __future__ import annotations

from dataclasses import dataclass

from core.addon_spec import PREPROCESSORS
from core.errors import BadOption
from core.stage_checks import check_image, check_number
from core.words import _

MAX_CONTROLS = 4
MAX_REFERENCES = 4
#: Canny's thresholds: strengths of an edge of 8-bit pixels.
MAX_THRESHOLD = 1000


@dataclass(frozen=True, kw_only=True)
class ControlUnit:
    """One ControlNet and the picture that guides it (Zhang et al. 2023)."""

    #: Name of the ControlNet, as the catalogue knows it.
    model: str
    #: SHA-256 of the stored picture.
    image: str
    #: How a map is drawn from the picture (canny, depth, openpose, scribble, softedge); None: it is a map.
    preprocessor: str | None = None
    #: `controlnet_conditioning_scale`, 0..2.
    scale: float = 1.0
    #: Shares of the steps between which it guides, 0..1.
    start: float = 0.0
    end: float = 1.0
    #: For canny and scribble: edges weaker than the first are none, stronger than the second surely are.
    thresholds: tuple[int, int] = (100, 200)

    def __post_init__(self) -> None:
        if self.preprocessor not in (None, *PREPROCESSORS):
            allowed = _(
                "choose one of {choices}, or none for a picture that is a map.",
                choices=", ".join(PREPROCESSORS),
            )
            raise BadOption("preprocessor", self.preprocessor, allowed)
        low, high = self.thresholds
        if not 0 <= low <= high <= MAX_THRESHOLD:
            raise BadOption(
                "thresholds",
                f"{low} {high}",
                _("choose two of 0 to {most}, the lower first.", most=MAX_THRESHOLD),
            )
        check_image("control", self.image)
        check_number("control scale", self.scale, 0, 2)
        check_number("control start", self.start, 0, 1)
        check_number("control end", self.end, self.start, 1)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One IP-Adapter and the pictures that prompt it (Ye et al. 2023)."""

    #: Name of the IP-Adapter, as the catalogue knows it.
    model: str
    #: SHA-256 of the stored pictures; several are blended.
    images: tuple[str, ...]
    #: 0..2; 0 is as without it.
    scale: float = 0.6

    def __post_init__(self) -> None:
        if not self.images:
            raise BadOption("reference", "", _("give at least one picture."))
        for image in self.images:
            check_image("reference", image)
        check_number("reference scale", self.scale, 0, 2)
