"""The same order in other words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from core.errors import BadOption
from core.model_spec import ModelSpec
from core.options.checks import whole_number
from core.options.drawing import read_clip_skip, read_seed
from core.options.words import Words, read_words
from core.request import Request
from core.stages import Denoise, EncodeText, Stage
from core.styles import STYLES, Style
from core.words import _


def remixed(
    original: Request,
    prompt: str,
    negative: str,
    spec: ModelSpec,
    *,
    styles: Mapping[str, Style] = STYLES,
    loras: Collection[str] | None = None,
) -> Request:
    """The order with these words in the original's style; seed and settings stay, but for typed flags.

    Args:
        styles: those that there are, by name.
        loras: names of the LoRAs that fit the model; None takes any name.

    Raises:
        BadOption: the words will not do, or a flag asks for another shape.
    """
    style = original.style if original.style in styles else None
    drawn_from_words = not any(isinstance(stage, Denoise) and stage.references for stage in original.stages)
    words = read_words(
        prompt, negative=negative, style=style, styles=styles, loras=loras, needed=drawn_from_words
    )
    if words.flags.aspect is not None:
        raise BadOption(
            "--ar", words.flags.aspect, _("a remix keeps its shape; `/imagine` makes other shapes.")
        )
    return replace(
        original,
        seed=original.seed if words.flags.seed is None else read_seed(words.flags.seed),
        style=words.style,
        adapters=words.adapters,
        typed_prompt=words.typed,
        stages=tuple(_remixed(stage, words, spec) for stage in original.stages),
    )


def _remixed(stage: Stage, words: Words, spec: ModelSpec) -> Stage:
    if isinstance(stage, EncodeText):
        typed = words.flags.clip_skip
        return replace(words.text, clip_skip=stage.clip_skip if typed is None else read_clip_skip(typed))
    if isinstance(stage, Denoise) and words.flags.steps is not None:
        return replace(stage, steps=whole_number("steps", words.flags.steps, low=1, high=spec.max_steps))
    return stage
