"""What every command that draws takes, and how it becomes a request.

A command's options are a subclass of DrawOptions that says which stages it orders and at what size.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from core.errors import BadOption
from core.model_spec import ModelSpec
from core.options.checks import decimal_number, given, one_of, whole_number
from core.options.words import Words, read_words
from core.prompt_flags import ParsedPrompt
from core.request import MAX_COUNT, Request
from core.samplers import sampler_named, schedule_for
from core.sizes import size_for_aspect, size_for_ratio, typed_size
from core.stages import MAX_CLIP_SKIP, MAX_GUIDANCE_SCALE, MAX_SEED, Decode, Denoise, Stage
from core.styles import STYLES, Style
from core.words import _


@dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """The options as they were given; None is the model's default."""

    prompt: str
    negative: str | None = None
    model: str | None = None
    style: str | None = None
    #: Those that there are, and models.
    styles: Mapping[str, Style] = field(default_factory=lambda: STYLES)
    models: Sequence[ModelSpec] = ()
    #: "512x768", or "512" for a square.
    size: str | None = None
    #: "16:9".
    aspect: str | None = None
    count: int | str | None = None
    seed: int | str | None = None
    steps: int | str | None = None
    guidance: float | str | None = None
    sampler: str | None = None
    schedule: str | None = None
    eta: float | str | None = None
    noise_scale: float | str | None = None
    #: Layers of the text encoder that are left out, and one: 1 is none, as A1111 counts.
    clip_skip: int | str | None = None
    tiling: bool = False
    #: Name of a VAE to use instead of the model's own.
    vae: str | None = None

    @property
    def needs_words(self) -> bool:
        """False where something else says what to draw."""
        return True

    def own_size(self, spec: ModelSpec) -> tuple[int, int]:
        """(width, height) in pixels where no size and no shape is given."""
        return size_for_ratio(1.0, spec)

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:  # noqa: ARG002
        """The order, given its words and how to denoise from noise alone. Raises BadOption."""
        return words.text, denoise, Decode()

    def finish(self, request: Request, spec: ModelSpec) -> Request:  # noqa: ARG002
        """The order as a whole, once it is valid. Raises BadOption."""
        return request


def build_request(
    options: DrawOptions, spec: ModelSpec, rng: Random, *, loras: Collection[str] | None = None
) -> Request:
    """The validated request that `options` ask of the model.

    Args:
        loras: names of the LoRAs that fit it; None takes any name.

    Raises:
        BadOption: a value is not allowed; the text names the option, the value and what would do.
    """
    words = read_words(
        options.prompt,
        negative=options.negative,
        style=options.style,
        styles=options.styles,
        loras=loras,
        needed=options.needs_words,
    )
    clip_skip = one_of("clip skip", options.clip_skip, words.flags.clip_skip, flag="clip-skip")
    words = replace(words, text=replace(words.text, clip_skip=read_clip_skip(clip_skip)))
    seed = one_of("seed", options.seed, words.flags.seed)
    request = Request(
        model=spec.name,
        seed=rng.randrange(MAX_SEED + 1) if seed is None else read_seed(seed),
        count=whole_number("count", given(options.count, 1), low=1, high=MAX_COUNT),
        style=words.style,
        typed_prompt=words.typed,
        adapters=words.adapters,
        vae=options.vae,
        stages=options.stages(words, _denoise(options, words.flags, spec), spec),
    )
    return options.finish(request, spec)


def read_seed(value: int | str) -> int:
    """Raises BadOption where it is no seed."""
    try:
        return whole_number("seed", value, low=0, high=MAX_SEED)
    except BadOption:
        allowed = _(
            "choose a whole number from 0 to {most}, or leave it out for a random one.", most=MAX_SEED
        )
        raise BadOption("seed", value, allowed) from None


def read_clip_skip(value: int | str | None) -> int:
    """Raises BadOption where it is none."""
    return whole_number("clip skip", given(value, 1), low=1, high=MAX_CLIP_SKIP)


def read_strength(value: float | str | None, default: float) -> float:
    """How much of a picture is drawn anew, 0..1. Raises BadOption."""
    return decimal_number("strength", given(value, default), low=0.0, high=1.0)


def _denoise(options: DrawOptions, flags: ParsedPrompt, spec: ModelSpec) -> Denoise:
    width, height = _size(options, flags, spec)
    sampler, implied = sampler_named(options.sampler or spec.default_sampler)
    return Denoise(
        sampler=sampler,
        schedule=schedule_for(sampler, options.schedule or implied, usual=spec.default_schedule),
        steps=_steps(one_of("steps", options.steps, flags.steps), spec),
        guidance_scale=_guidance(options.guidance, spec),
        width=width,
        height=height,
        eta=_eta(options.eta),
        noise_scale=_noise_scale(options.noise_scale),
        tiling=options.tiling,
    )


def _steps(value: object, spec: ModelSpec) -> int:
    return whole_number("steps", given(value, spec.default_steps), low=1, high=spec.max_steps)


def _guidance(value: object, spec: ModelSpec) -> float:
    chosen = given(value, spec.default_guidance_scale)
    return decimal_number("guidance", chosen, low=1.0, high=MAX_GUIDANCE_SCALE)


def _eta(value: object) -> float:
    return decimal_number("eta", given(value, 0.0), low=0.0, high=1.0)


def _noise_scale(value: object) -> float:
    return decimal_number("noise scale", given(value, 1.0), low=0.5, high=1.5)


def _size(options: DrawOptions, flags: ParsedPrompt, spec: ModelSpec) -> tuple[int, int]:
    aspect = one_of("aspect", options.aspect, flags.aspect, flag="ar")
    if options.size and aspect:
        raise BadOption(
            "size", options.size, _("the aspect {aspect} is given too. Keep one of the two.", aspect=aspect)
        )
    if aspect:
        return size_for_aspect(str(aspect), spec)
    if options.size:
        return typed_size(options.size, spec)
    return options.own_size(spec)
