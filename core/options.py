"""What a member chooses, turned into a request: each value read, checked and, if refused, named.

Numbers may come as text (prompt flags, modals) or as numbers (slash options). Where a flag and an option say
different things the request is refused, because either could be the slip; `--no` adds to `negative`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from core.errors import BadOption, Refusal
from core.model_spec import ModelSpec
from core.prompt_flags import ParsedPrompt, parse_prompt
from core.request import MAX_COUNT, Request
from core.samplers import SAMPLERS, SCHEDULES
from core.sizes import size_for_aspect, typed_size
from core.stages import MAX_GUIDANCE_SCALE, MAX_PROMPT_CHARACTERS, MAX_SEED, Decode, Denoise, EncodeText
from core.styles import STYLES
from core.text import clean_text, is_blank


@dataclass(frozen=True, kw_only=True)
class ImagineOptions:
    """The options of `/imagine` as they were given; None is the model's default."""

    prompt: str
    negative: str | None = None
    model: str | None = None
    style: str | None = None
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


def choose_model(name: str | None, available: Sequence[ModelSpec]) -> ModelSpec:
    """The model of that name, or the first one where none is named.

    Raises:
        BadOption: no available model has this name. Names are compared, never opened as a path.
        Refusal: there is no model at all.
    """
    if not available:
        raise Refusal("No worker is running, so there is no model to draw with. Please try again soon.")
    if name is None or not name.strip():
        return available[0]
    names = {spec.name: spec for spec in available}
    return names[_named("model", name, names)]


def build_request(options: ImagineOptions, spec: ModelSpec, rng: Random) -> Request:
    """The validated request that `options` ask of the model.

    Raises:
        BadOption: a value is not allowed; the text names the option, the value and what would do.
    """
    typed = clean_text("prompt", options.prompt, limit=MAX_PROMPT_CHARACTERS)
    flags = parse_prompt(typed)
    if is_blank(flags.prompt):
        raise BadOption("prompt", flags.prompt, "say what the picture shows, like `a red fox in the snow`.")
    negatives = ", ".join(text for text in (options.negative, flags.negative) if text)
    negative = clean_text("negative", negatives, limit=MAX_PROMPT_CHARACTERS)
    style = _style(options.style)
    prompt = flags.prompt
    if style is not None:
        prompt, negative = STYLES[style].wrap(prompt, negative)
    seed = _one("seed", options.seed, flags.seed)
    return Request(
        model=spec.name,
        seed=rng.randrange(MAX_SEED + 1) if seed is None else _seed(seed),
        count=whole_number("count", _given(options.count, 1), low=1, high=MAX_COUNT),
        style=style,
        typed_prompt=typed,
        stages=(
            EncodeText(prompt=prompt, negative_prompt=negative),
            _denoise(options, flags, spec),
            Decode(),
        ),
    )


def check_numbers(options: ImagineOptions, spec: ModelSpec) -> None:
    """Raises BadOption where steps or guidance would be refused; for a form that holds only these."""
    _steps(options.steps, spec)
    _guidance(options.guidance, spec)


def whole_number(option: str, value: object, *, low: int, high: int) -> int:
    """Raises BadOption where `value` is no whole number from `low` to `high` ("1e9" and "5.0" are none)."""
    text = str(value).strip()
    # Twenty digits hold every allowed value and keep a megabyte of digits from being converted.
    if re.fullmatch(r"[0-9]{1,20}", text) and low <= int(text) <= high:
        return int(text)
    raise BadOption(option, value, f"choose a whole number from {low} to {high}.")


def decimal_number(option: str, value: object, *, low: float, high: float) -> float:
    """Raises BadOption where `value` is no number from `low` to `high`; NaN never is. "7,5" is 7.5."""
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if low <= number <= high:
        return number
    raise BadOption(option, value, f"choose a number from {low:g} to {high:g}.")


def _denoise(options: ImagineOptions, flags: ParsedPrompt, spec: ModelSpec) -> Denoise:
    width, height = _size(options, flags, spec)
    sampler = _named("sampler", options.sampler or spec.default_sampler, SAMPLERS)
    return Denoise(
        sampler=sampler,
        schedule=_schedule(options.schedule, sampler, spec),
        steps=_steps(_one("steps", options.steps, flags.steps), spec),
        guidance_scale=_guidance(options.guidance, spec),
        width=width,
        height=height,
    )


def _steps(value: object, spec: ModelSpec) -> int:
    return whole_number("steps", _given(value, spec.default_steps), low=1, high=spec.max_steps)


def _guidance(value: object, spec: ModelSpec) -> float:
    given = _given(value, spec.default_guidance_scale)
    return decimal_number("guidance", given, low=1.0, high=MAX_GUIDANCE_SCALE)


def _size(options: ImagineOptions, flags: ParsedPrompt, spec: ModelSpec) -> tuple[int, int]:
    aspect = _one("aspect", options.aspect, flags.aspect, flag="ar")
    if options.size and aspect:
        raise BadOption("size", options.size, f"the aspect {aspect} is given too. Keep one of the two.")
    if aspect:
        return size_for_aspect(str(aspect), spec)
    if options.size:
        return typed_size(options.size, spec)
    return spec.native_side, spec.native_side


def _style(name: str | None) -> str | None:
    return _named("style", name, STYLES) if name and name.strip() else None


def _schedule(name: str | None, sampler: str, spec: ModelSpec) -> str:
    """The schedule asked for, else the model's default, else (where the sampler lacks it) the sampler's."""
    allowed = SAMPLERS[sampler].schedules
    if name:
        known = _named("schedule", name, SCHEDULES)
        if known not in allowed:
            raise BadOption("schedule", name, f"{sampler} runs on {', '.join(allowed)}.")
        return known
    return spec.default_schedule if spec.default_schedule in allowed else allowed[0]


def _seed(value: int | str) -> int:
    try:
        return whole_number("seed", value, low=0, high=MAX_SEED)
    except BadOption:
        allowed = f"choose a whole number from 0 to {MAX_SEED}, or leave it out for a random one."
        raise BadOption("seed", value, allowed) from None


def _named(option: str, value: str, allowed: Mapping[str, object] | Iterable[str]) -> str:
    """The allowed name that equals `value`, whatever its capitals."""
    names = {name.casefold(): name for name in allowed}
    found = names.get(value.strip().casefold())
    if found is None:
        raise BadOption(option, value, f"choose one of {', '.join(list(names.values())[:25])}.")
    return found


def _one(option: str, chosen: int | str | None, typed: str | None, *, flag: str = "") -> int | str | None:
    """The option's or the flag's value; both are fine where they agree."""
    if chosen is None or typed is None or str(chosen).strip() == typed:
        return typed if chosen is None else chosen
    raise BadOption(f"--{flag or option}", typed, f"the option {option} says {chosen}. Keep one of the two.")


def _given(value: object, default: object) -> object:
    """The value, or the default where none was given (an empty field of a form counts as none)."""
    return default if value is None or value == "" else value
