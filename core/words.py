"""The studio's words in the language of whoever reads them.

What a person reads is written in English where it is needed, inside `_()`. The translations are GNU gettext
catalogues, one file a language (`locale/<language>.po`); a text that a catalogue lacks stays English. Which
language is spoken is a context variable: whoever begins to act for a person says so with `speaking`, and
everything below (tasks, and threads of `asyncio.to_thread`) speaks it too.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"

#: The language of the texts in the code.
ENGLISH = "en"

#: Discord's locales whose language has another file name: https://discord.com/developers/docs/reference#locales
_NAMED_OTHERWISE = {"zh-CN": "zh_Hans"}

#: Each language by its own name.
_OWN_NAMES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "ja": "日本語",
    "zh_Hans": "简体中文",
}

_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


def _(message: str, /, **values: object) -> str:
    """The message in the spoken language, with `{name}` replaced by the value of that name.

    `message` is a literal, so that it can be collected. Without values, braces stand for themselves.
    """
    return _filled(_catalogue(_spoken.get()).gettext(message), values)


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """As `_`, in the grammatical number that the language uses for `number` (which `{number}` shows)."""
    return _filled(_catalogue(_spoken.get()).ngettext(one, many, number), {"number": number, **values})


def pgettext(context: str, message: str) -> str:
    """The message in the spoken language, as one of a context, such as the names of commands."""
    return _catalogue(_spoken.get()).pgettext(context, message)


def N_(message: str) -> str:  # noqa: N802 - gettext's name for it, which the collector knows
    """Mark a text that is said later, by `_(variable)`: one that stands in a constant."""
    return message


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak one of `languages()` inside the block."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """The language that is spoken now."""
    return _spoken.get()


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are, English first; names are those of the catalogues' files."""
    return (ENGLISH, *sorted(path.stem for path in LOCALE.glob("*.po")))


def language_name(language: str) -> str:
    """What those who speak one of `languages()` call it."""
    return _OWN_NAMES.get(language, language)


def language_of(locale: str | None) -> str:
    """The language for one of Discord's locales ("de", "es-419", "zh-CN"); English where there is none."""
    if locale is None:
        return ENGLISH
    named = _NAMED_OTHERWISE.get(locale, locale)
    return next((name for name in (named, named.partition("-")[0]) if name in languages()), ENGLISH)


def _filled(message: str, values: dict[str, object]) -> str:
    return message.format(**values) if values else message


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language not in languages() or language == ENGLISH:
        return gettext.NullTranslations()
    # Imported here because few processes speak anything but English. gettext reads only compiled catalogues.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with (LOCALE / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
