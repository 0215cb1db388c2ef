"""The request: what a job asks the engine to do, frozen and validated, as JSON both ways.

A request is a list of stages that the engine runs for each of its images. Options and prompt flags become a
request in `core.options`; a variation is `dataclasses.replace(request, seed=...)`.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.errors import BadOption
from core.samplers import SAMPLERS
from core.stage_json import refuse_unknown, stage_from_json, stage_to_json
from core.stages import (
    MAX_SEED,
    Composite,
    Decode,
    Denoise,
    EncodeImage,
    EncodeText,
    LoadImage,
    Stage,
    Upscale,
    Variation,
    images_of_stage,
)
from core.styles import Style
from core.words import _

#: Raised when a stored request's meaning changes; `Request.from_json` refuses versions it does not know.
VERSION = 1

MAX_COUNT = 4
#: Images of an X/Y grid.
MAX_CELLS = 25
MAX_ADAPTERS = 8
MAX_ADAPTER_WEIGHT = 4.0


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """A LoRA (or one of its kin) laid over the model's weights."""

    #: Name of the file, as the catalogue knows it.
    name: str
    #: Factor on its effect; 0 is as without it.
    weight: float = 1.0

    def __post_init__(self) -> None:
        # Written so that NaN fails too.
        if not -MAX_ADAPTER_WEIGHT <= self.weight <= MAX_ADAPTER_WEIGHT:
            allowed = _("choose {low:g} to {high:g}.", low=-MAX_ADAPTER_WEIGHT, high=MAX_ADAPTER_WEIGHT)
            raise BadOption(f"weight of {self.name}", self.weight, allowed)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What varies along one side of a grid (`core.grid`), and how."""

    name: str
    values: tuple[str, ...]
    #: Of an axis of styles: what they wrap, as they were when it was ordered.
    styles: tuple[Style, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """One member's order of `count` images; image i starts from seed `seed + i` (modulo 2^32)."""

    #: Name of the model that draws it; "" where nothing is drawn, as in upscaling.
    model: str
    seed: int
    stages: tuple[Stage, ...]
    count: int = 1
    adapters: tuple[Adapter, ...] = ()
    #: Name of a VAE to use instead of the model's own.
    vae: str | None = None
    #: Of an X/Y grid: what varies down and across, or across alone; the images are counted row by row.
    axes: tuple[Axis, ...] = ()
    #: Name of the style that wrapped the prompt, kept for display; the stages hold the wrapped text.
    style: str | None = None
    #: What the member typed, before flags were taken out and the style was applied; kept for *remix*.
    typed_prompt: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise BadOption(
                "seed", self.seed, _("choose 0 to {most}, or leave it out for a random one.", most=MAX_SEED)
            )
        cells = math.prod(len(axis.values) for axis in self.axes)
        if self.axes and not self.count == cells <= MAX_CELLS:
            raise BadOption("grid", self.count, _("up to {most} pictures fit.", most=MAX_CELLS))
        if not self.axes and not 1 <= self.count <= MAX_COUNT:
            raise BadOption("count", self.count, _("choose 1 to {most}.", most=MAX_COUNT))
        if not self.stages:
            raise BadOption("stages", "", _("a request needs at least one stage."))
        if len(self.adapters) > MAX_ADAPTERS:
            raise BadOption(
                "adapters", len(self.adapters), _("up to {most} work at once.", most=MAX_ADAPTERS)
            )

    def image_seed(self, index: int) -> int:
        """Seed of image `index` (0-based). A grid's images all share the first one's; so do variations, which
        differ in their own."""
        denoising = [stage for stage in self.stages if isinstance(stage, Denoise)]
        shared = self.axes or any(stage.variation is not None for stage in denoising)
        return self.seed if shared else (self.seed + index) % (MAX_SEED + 1)

    def variation_seed(self, variation: Variation, index: int) -> int:
        """Seed of the noise that image `index` (0-based) is moved towards."""
        return (variation.seed + index) % (MAX_SEED + 1)

    def place(self, index: int) -> tuple[int, ...]:
        """Which value of each axis image `index` (0-based) has."""
        place = []
        for axis in reversed(self.axes):
            index, value = divmod(index, len(axis.values))
            place.append(value)
        return tuple(reversed(place))

    @property
    def unet_calls(self) -> int:
        """UNet calls that one image takes, all denoise stages together; those of a grid differ
        (`core.grid.image_calls`)."""
        return sum(stage.unet_calls for stage in self.stages if isinstance(stage, Denoise))

    @property
    def images(self) -> frozenset[str]:
        """SHA-256 of every stored picture that the stages need (`core.inputs`)."""
        return frozenset(image for stage in self.stages for image in images_of_stage(stage))

    @property
    def text(self) -> EncodeText:
        """The first text stage."""
        return next(stage for stage in self.stages if isinstance(stage, EncodeText))

    @property
    def denoise(self) -> Denoise:
        """The last denoise stage. Raises IndexError where nothing is drawn, as in upscaling."""
        return [stage for stage in self.stages if isinstance(stage, Denoise)][-1]

    @property
    def is_drawn(self) -> bool:
        """Drawn by a model, so that seed and settings mean something."""
        return any(isinstance(stage, Denoise) for stage in self.stages)

    @property
    def size(self) -> tuple[int, int] | None:
        """Pixels of each image, (width, height); None where a given picture's are not known."""
        size: tuple[int, int] | None = None
        for stage in self.stages:
            if isinstance(stage, Denoise):
                size = stage.width, stage.height
            elif isinstance(stage, LoadImage):
                size = (stage.width, stage.height) if stage.width and stage.height else None
            elif isinstance(stage, Upscale) and size is not None:
                size = size[0] * stage.scale, size[1] * stage.scale
            elif isinstance(stage, Composite) and size is not None:
                size = self.given_size or size
        return size

    @property
    def given_size(self) -> tuple[int, int] | None:
        """(width, height) of the given picture where all of it is encoded and comes back at its own size."""
        encoded = (stage.whole for stage in self.stages if isinstance(stage, EncodeImage))
        return next((whole for whole in encoded if whole is not None), None)

    @classmethod
    def unreadable(cls, model: str) -> Request:
        """Stands in for a stored request that can't be read any more: its settings mean nothing."""
        sampler = next(iter(SAMPLERS.values()))
        denoise = Denoise(
            sampler=sampler.name,
            schedule=sampler.schedules[0],
            steps=1,
            guidance_scale=1.0,
            width=8,
            height=8,
        )
        words = _("An order that can't be read any more")
        return cls(model=model, seed=0, stages=(EncodeText(prompt=""), denoise, Decode()), typed_prompt=words)

    def without_words(self) -> Request:
        """The same order with nothing in it that a person wrote."""
        stages = tuple(
            EncodeText(prompt="") if isinstance(stage, EncodeText) else stage for stage in self.stages
        )
        # The values of an axis may be words; without axes there is nothing for them to count.
        count = min(self.count, MAX_COUNT)
        return replace(self, style=None, typed_prompt="", axes=(), count=count, stages=stages)

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "model": self.model,
            "seed": self.seed,
            "count": self.count,
            "style": self.style,
            "typed_prompt": self.typed_prompt,
            "adapters": [asdict(adapter) for adapter in self.adapters],
            "vae": self.vae,
            "axes": [asdict(axis) for axis in self.axes],
            "stages": [stage_to_json(stage) for stage in self.stages],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Request:
        """Read what `to_json` wrote.

        Raises:
            BadOption: the version, a stage or a field is unknown, or a value is out of its range.
        """
        if data.get("version") != VERSION:
            raise BadOption(
                "version",
                data.get("version"),
                _("this Atelier reads version {version}.", version=VERSION),
            )
        known = {field.name for field in fields(cls)} | {"version"}
        refuse_unknown(set(data) - known)
        values = {name: value for name, value in data.items() if name != "version"}
        values["stages"] = tuple(stage_from_json(stage) for stage in data["stages"])
        values["adapters"] = tuple(Adapter(**adapter) for adapter in data.get("adapters", ()))
        values["axes"] = tuple(
            Axis(
                name=axis["name"],
                values=tuple(axis["values"]),
                styles=tuple(Style(**style) for style in axis.get("styles", ())),
            )
            for axis in data.get("axes", ())
        )
        return cls(**values)
