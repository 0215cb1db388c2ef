"""What members, channels and servers may prefer, whose say comes first, and what values will do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import BadOption
from core.model_spec import ModelSpec
from core.options.checks import decimal_number, named, whole_number
from core.options.models import choose_model
from core.request import MAX_COUNT
from core.samplers import sampler_named
from core.sizes import size_for_aspect, typed_size
from core.stages import MAX_GUIDANCE_SCALE
from core.styles import STYLES
from core.words import N_, _, language_name, languages


class Level(StrEnum):
    """Whose setting it is; what comes first here is heeded first."""

    MEMBER = "member"
    CHANNEL = "channel"
    SERVER = "server"


class Setting(StrEnum):
    #: One of `core.words.languages()`.
    LANGUAGE = "language"
    MODEL = "model"
    STYLE = "style"
    #: Pixels ("512x768") or a shape ("16:9").
    SIZE = "size"
    COUNT = "count"
    SAMPLER = "sampler"
    STEPS = "steps"
    GUIDANCE = "guidance"
    #: Whether the person alone sees what they make: "yes" or "no".
    PRIVATE = "private"


#: What members read of each.
SETTING_WORDS = {
    Setting.LANGUAGE: N_("language"),
    Setting.MODEL: N_("model"),
    Setting.STYLE: N_("style"),
    Setting.SIZE: N_("size"),
    Setting.COUNT: N_("count"),
    Setting.SAMPLER: N_("sampler"),
    Setting.STEPS: N_("steps"),
    Setting.GUIDANCE: N_("guidance"),
    Setting.PRIVATE: N_("only for me"),
}

YES, NO = "yes", "no"


@dataclass(frozen=True, kw_only=True)
class Preference:
    value: str
    level: Level


def heeded(levels: Mapping[Level, Mapping[str, str]]) -> dict[Setting, Preference]:
    """Of each setting the one that is heeded: the member's, else the channel's, else the server's."""
    return {
        setting: Preference(value=levels[level][setting], level=level)
        for setting in Setting
        for level in reversed(Level)
        if setting in levels.get(level, {})
    }


def read_setting(
    setting: Setting, typed: str, models: Sequence[ModelSpec], styles: Collection[str] = tuple(STYLES)
) -> str:
    """The value as it is stored.

    Args:
        models: those that there are now; a value has to do for one of them.

    Raises:
        BadOption: it will not do; the text says what would.
    """
    match setting:
        case Setting.LANGUAGE:
            return _language(typed)
        case Setting.MODEL:
            return choose_model(typed, models).name
        case Setting.STYLE:
            return named("style", typed, styles)
        case Setting.SIZE:
            return _size(typed, models)
        case Setting.COUNT:
            return str(whole_number("count", typed, low=1, high=MAX_COUNT))
        case Setting.SAMPLER:
            return sampler_named(typed)[0]
        case Setting.STEPS:
            most = max((spec.max_steps for spec in models), default=1)
            return str(whole_number("steps", typed, low=1, high=most))
        case Setting.GUIDANCE:
            return f"{decimal_number('guidance', typed, low=1.0, high=MAX_GUIDANCE_SCALE):g}"
        case Setting.PRIVATE:
            return _yes_or_no(typed)


def is_shape(size: str) -> bool:
    """Whether it says a shape ("16:9") rather than pixels."""
    return any(mark in size for mark in ":/")


def _language(typed: str) -> str:
    """By its name, as it is offered, or its code."""
    for language in languages():
        if typed.strip().casefold() == language.casefold():
            return language
    codes = {language_name(language): language for language in languages()}
    return codes[named("language", typed, codes)]


def _size(typed: str, models: Sequence[ModelSpec]) -> str:
    # Each model has sides of its own; the first one's refusal says what would do.
    refused: BadOption | None = None
    for spec in [spec for spec in models if spec.draws]:
        try:
            (size_for_aspect if is_shape(typed) else typed_size)(typed, spec)
        except BadOption as error:
            refused = refused or error
        else:
            return typed.strip()
    raise refused or BadOption("size", typed, _("there is no model that would draw it now."))


def _yes_or_no(typed: str) -> str:
    wanted = typed.strip().casefold()
    for value, word in ((YES, _("yes")), (NO, _("no"))):
        if wanted in (value, word.casefold()):
            return value
    raise BadOption("only for me", typed, _("say {yes} or {no}.", yes=f"`{_('yes')}`", no=f"`{_('no')}`"))
