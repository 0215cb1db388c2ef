"""What the bot and the workers must agree on about a model: its name, its limits and its defaults."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A base model as members meet it. A worker stores one row of these for each model that it can load."""

    #: Unique short name, as typed in `/imagine model:`; never a path.
    name: str
    #: What people see.
    title: str
    #: Architecture, e.g. "sd1".
    architecture: str
    #: SHA-256 over the weight files.
    weights_hash: str
    #: Side in pixels of the square the model was trained on.
    native_side: int
    #: Both sides are multiples of this many pixels.
    side_multiple: int
    min_side: int
    max_side: int
    default_steps: int
    max_steps: int
    default_guidance_scale: float
    default_sampler: str
    default_schedule: str
    licence: str
    #: Made for pictures that only adults may see; it draws in age-restricted channels alone.
    adult: bool = False
    #: Name of a VAE to be used instead of the model's own.
    vae: str | None = None
    #: Where it can be read; "" where that is not known.
    licence_url: str = ""
    #: Its terms are not accepted on the worker's machine (`models.licences`).
    awaits_terms: bool = False
    #: Most pixels of one picture that the worker's memory allows; None where the sides alone limit it.
    max_pixels: int | None = None
    #: How the worker's memory has it draw its native size: "plain", "sliced", "tiled", "offloaded"; "" where
    #: nobody asked.
    memory: str = ""

    def has_room(self, width: int, height: int) -> bool:
        """Whether a picture of so many pixels fits in the worker's memory."""
        return self.max_pixels is None or width * height <= self.max_pixels

    @property
    def is_refiner(self) -> bool:
        """It ends what another model began, and draws nothing by itself."""
        return self.architecture.endswith("-refiner")

    @property
    def is_upscaler(self) -> bool:
        """It enlarges pictures, and draws none."""
        return self.architecture == "latent-upscaler"

    @property
    def draws(self) -> bool:
        """Whether members may choose it to draw with."""
        return not (self.is_refiner or self.is_upscaler)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ModelSpec:
        return cls(**data)
