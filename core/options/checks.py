"""One value at a time: read, checked and, if refused, named."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from core.errors import BadOption
from core.words import _, pgettext


def whole_number(option: str, value: object, *, low: int, high: int) -> int:
    """Raises BadOption where `value` is no whole number from `low` to `high` ("1e9" and "5.0" are none)."""
    text = str(value).strip()
    # Twenty digits hold every allowed value and keep a megabyte of digits from being converted.
    if re.fullmatch(r"[0-9]{1,20}", text) and low <= int(text) <= high:
        return int(text)
    raise BadOption(option, value, _("choose a whole number from {low} to {high}.", low=low, high=high))


def decimal_number(option: str, value: object, *, low: float, high: float) -> float:
    """Raises BadOption where `value` is no number from `low` to `high`; NaN never is. "7,5" is 7.5."""
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if low <= number <= high:
        return number
    raise BadOption(option, value, _("choose a number from {low:g} to {high:g}.", low=low, high=high))


def named(option: str, value: str, allowed: Mapping[str, object] | Iterable[str]) -> str:
    """The allowed name that equals `value`, whatever its capitals. Raises BadOption where none does."""
    names = {name.casefold(): name for name in allowed}
    found = names.get(value.strip().casefold())
    if found is None:
        raise BadOption(
            option, value, _("choose one of {choices}.", choices=", ".join(list(names.values())[:25]))
        )
    return found


def one_of(option: str, chosen: int | str | None, typed: str | None, *, flag: str = "") -> int | str | None:
    """The option's or the flag's value; both are fine where they agree.

    Raises:
        BadOption: they say different things; either could be the slip.
    """
    if chosen is None or typed is None or str(chosen).strip() == typed:
        return typed if chosen is None else chosen
    raise BadOption(
        f"--{flag or option}",
        typed,
        _(
            "the option {option} says {chosen}. Keep one of the two.",
            option=pgettext("command", option),
            chosen=chosen,
        ),
    )


def given(value: object, default: object) -> object:
    """The value, or the default where none was given (an empty field of a form counts as none)."""
    return default if value is None or value == "" else value
