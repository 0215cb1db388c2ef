"""What a person's settings fill in where a command leaves an option out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from core.errors import Refusal
from core.model_spec import ModelSpec
from core.options.control import ControlOptions
from core.options.drawing import DrawOptions, build_request
from core.options.models import choose_model
from core.preferences import Preference, Setting, is_shape
from core.prompt_flags import parse_prompt

Options = TypeVar("Options", bound=DrawOptions)


def with_defaults(
    options: Options, preferred: Mapping[Setting, Preference], models: Sequence[ModelSpec]
) -> tuple[Options, list[Setting]]:
    """The options with what is preferred where nothing was said, and settings that can't be heeded now.

    What was typed decides: an option, a flag in the prompt, and a given picture's own size come first.
    """
    if not _draws(options, models):
        # Whatever is wrong with them is told when they are read.
        return options, []
    wanted = _left_out(options, preferred)
    together = replace(
        options, **{name: value for values in wanted.values() for name, value in values.items()}
    )
    if _draws(together, models):
        return together, []
    passed_over = []
    for setting, values in wanted.items():
        filled = replace(options, **values)
        if _draws(filled, models):
            options = filled
        else:
            passed_over.append(setting)
    return options, passed_over


def _left_out(options: DrawOptions, preferred: Mapping[Setting, Preference]) -> dict[Setting, dict[str, Any]]:
    """By setting: which fields of the options it fills in; the model first, as the others depend on it."""
    flags = parse_prompt(options.prompt)
    said = {
        Setting.SIZE: bool(options.size or options.aspect or flags.aspect) or not _from_nothing(options),
        Setting.STEPS: flags.steps is not None,
        # What they follow was chosen for a model.
        Setting.MODEL: isinstance(options, ControlOptions),
    }
    found: dict[Setting, dict[str, Any]] = {}
    for setting in (
        Setting.MODEL,
        Setting.STYLE,
        Setting.SIZE,
        Setting.COUNT,
        Setting.SAMPLER,
        Setting.STEPS,
        Setting.GUIDANCE,
    ):
        chosen = preferred.get(setting)
        if chosen is None or said.get(setting) or getattr(options, setting.value) not in (None, ""):
            continue
        field = "aspect" if setting == Setting.SIZE and is_shape(chosen.value) else setting.value
        found[setting] = {field: chosen.value}
    return found


def _from_nothing(options: DrawOptions) -> bool:
    """Whether no picture says how large it is to be."""
    return type(options).own_size is DrawOptions.own_size


def _draws(options: DrawOptions, models: Sequence[ModelSpec]) -> bool:
    """Whether the options make an order."""
    try:
        build_request(options, choose_model(options.model, models), Random(0))
    except Refusal:
        return False
    return True
