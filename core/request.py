"""The request: what a job asks the engine to do, frozen and validated, as JSON both ways.

A request is a list of stages that the engine runs for each of its images. Options and prompt flags become a
request in `core.options`; a variation is `dataclasses.replace(request, seed=...)`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar

from core.errors import BadOption
from core.samplers import SAMPLERS

#: Raised when a stored request's meaning changes; `Request.from_json` refuses versions it does not know.
VERSION = 1

#: What a member may type; the words of a style come on top.
MAX_PROMPT_CHARACTERS = 6000
_MAX_TEXT_CHARACTERS = 2 * MAX_PROMPT_CHARACTERS
MAX_SEED = 2**32 - 1
MAX_COUNT = 4
MAX_GUIDANCE_SCALE = 30.0


@dataclass(frozen=True, kw_only=True)
class EncodeText:
    """Prompt and negative prompt to text embeddings, at batch 1, off the denoising loop."""

    kind: ClassVar[str] = "encode_text"
    prompt: str
    negative_prompt: str = ""

    def __post_init__(self) -> None:
        for option, text in (("prompt", self.prompt), ("negative", self.negative_prompt)):
            if len(text) > _MAX_TEXT_CHARACTERS:
                allowed = f"it has {len(text)} characters; up to {_MAX_TEXT_CHARACTERS} fit."
                raise BadOption(option, text, allowed)


@dataclass(frozen=True, kw_only=True)
class Denoise:
    """The denoising loop: from noise (or, later, from an image) to latents of (4, height/8, width/8)."""

    kind: ClassVar[str] = "denoise"
    sampler: str
    schedule: str
    #: Steps of the sampler, 1..1000; the model's own limit is checked in `core.options`.
    steps: int
    #: Classifier-free guidance scale (Ho & Salimans 2022), 1..30; 1 switches guidance off.
    guidance_scale: float
    #: Pixels.
    width: int
    height: int

    def __post_init__(self) -> None:
        sampler = SAMPLERS.get(self.sampler)
        if sampler is None:
            raise BadOption("sampler", self.sampler, f"choose one of {', '.join(SAMPLERS)}.")
        if self.schedule not in sampler.schedules:
            raise BadOption(
                "schedule", self.schedule, f"{self.sampler} runs on {', '.join(sampler.schedules)}."
            )
        if not 1 <= self.steps <= 1000:
            raise BadOption("steps", self.steps, "choose 1 to 1000.")
        # Written so that NaN fails too.
        if not 1.0 <= self.guidance_scale <= MAX_GUIDANCE_SCALE:
            raise BadOption("guidance", self.guidance_scale, f"choose 1 to {MAX_GUIDANCE_SCALE:g}.")
        for option, side in (("width", self.width), ("height", self.height)):
            if side < 8 or side % 8:
                raise BadOption(option, side, "choose a multiple of 8.")

    @property
    def unet_calls(self) -> int:
        return SAMPLERS[self.sampler].unet_calls(self.steps)


@dataclass(frozen=True, kw_only=True)
class Decode:
    """Latents to an 8-bit RGB image, at batch 1, off the denoising loop."""

    kind: ClassVar[str] = "decode"


Stage = EncodeText | Denoise | Decode

_STAGES: dict[str, type[Stage]] = {stage.kind: stage for stage in (EncodeText, Denoise, Decode)}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One member's order of `count` images; image i starts from seed `seed + i` (modulo 2^32)."""

    model: str
    seed: int
    stages: tuple[Stage, ...]
    count: int = 1
    #: Name of the style that wrapped the prompt, kept for display; the stages hold the wrapped text.
    style: str | None = None
    #: What the member typed, before flags were taken out and the style was applied; kept for *remix*.
    typed_prompt: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise BadOption("seed", self.seed, f"choose 0 to {MAX_SEED}, or leave it out for a random one.")
        if not 1 <= self.count <= MAX_COUNT:
            raise BadOption("count", self.count, f"choose 1 to {MAX_COUNT}.")
        if not self.stages:
            raise BadOption("stages", "", "a request needs at least one stage.")

    def image_seed(self, index: int) -> int:
        """Seed of image `index` (0-based)."""
        return (self.seed + index) % (MAX_SEED + 1)

    @property
    def unet_calls(self) -> int:
        """UNet calls that one image takes, all denoise stages together."""
        return sum(stage.unet_calls for stage in self.stages if isinstance(stage, Denoise))

    @property
    def text(self) -> EncodeText:
        """The first text stage."""
        return next(stage for stage in self.stages if isinstance(stage, EncodeText))

    @property
    def denoise(self) -> Denoise:
        """The last denoise stage, whose size is the image's."""
        return [stage for stage in self.stages if isinstance(stage, Denoise)][-1]

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
        words = "An order that can't be read any more"
        return cls(model=model, seed=0, stages=(EncodeText(prompt=""), denoise, Decode()), typed_prompt=words)

    def without_words(self) -> Request:
        """The same order with nothing in it that a person wrote."""
        stages = tuple(
            EncodeText(prompt="") if isinstance(stage, EncodeText) else stage for stage in self.stages
        )
        return replace(self, style=None, typed_prompt="", stages=stages)

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "model": self.model,
            "seed": self.seed,
            "count": self.count,
            "style": self.style,
            "typed_prompt": self.typed_prompt,
            "stages": [{"kind": stage.kind, **asdict(stage)} for stage in self.stages],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Request:
        """Read what `to_json` wrote.

        Raises:
            BadOption: the version, a stage or a field is unknown, or a value is out of its range.
        """
        if data.get("version") != VERSION:
            raise BadOption("version", data.get("version"), f"this Atelier reads version {VERSION}.")
        known = {field.name for field in fields(cls)} | {"version"}
        _refuse_unknown(set(data) - known)
        values = {name: value for name, value in data.items() if name not in ("version", "stages")}
        return cls(stages=tuple(_stage_from_json(stage) for stage in data["stages"]), **values)


def _stage_from_json(data: dict[str, Any]) -> Stage:
    kind = data.get("kind")
    stage = _STAGES.get(str(kind))
    if stage is None:
        raise BadOption("stage", kind, f"choose one of {', '.join(_STAGES)}.")
    _refuse_unknown(set(data) - {field.name for field in fields(stage)} - {"kind"})
    return stage(**{name: value for name, value in data.items() if name != "kind"})


def _refuse_unknown(names: set[str]) -> None:
    if names:
        raise BadOption("field", sorted(names)[0], "a request has no such field.")
