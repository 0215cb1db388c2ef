"""The catalogues: whole, faithful to the code, and within Discord's rules for each language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.panel_forms import FORMS, GuideForm
from bot.translator import CommandTranslator
from core.words import LOCALE, _, languages, speaking
from launch.words import FOLDERS, collect, command_payloads, missing

TRANSLATED = languages()[1:]
DISCORD = {"de": "de", "fr": "fr", "es": "es-ES", "ja": "ja", "zh_Hans": "zh-CN"}

#: Discord's pattern for names of commands and options, `\p{L}\p{N}` being what Python's `\w` holds.
NAME = re.compile(r"[-_'\w]{1,32}")
COMMAND = re.compile(r"`/([a-z0-9]+(?: [a-z]+)?)")


#: Which arguments of which calls are read by people, by place or by name.
SHOWN: dict[str, tuple[int | str, ...]] = {
    **dict.fromkeys(("Refusal", "NotAllowed", "NotFound"), (0,)),
    **dict.fromkeys(("ImageFailed", "UnknownModel", "DoesNotFit", "EngineClosed", "ImageCancelled"), (0,)),
    "BadOption": (2,),
    **dict.fromkeys(("send_message", "send", "edit_message", "edit_original_response"), (0, "content")),
    "say_privately": (1,),
    "Undeliverable": (0,),
    "Embed": ("title", "description"),
    "add_field": ("name", "value"),
    "set_footer": ("text",),
    "list_embed": (0, 2),
    "Button": ("label",),
    "SelectOption": ("label", "description"),
    "Select": ("placeholder",),
    "TextInput": ("label", "placeholder"),
}
#: Two letters side by side that are neither a command's name, nor part of a mention, a time or an address.
WORDS = re.compile(r"(?<![</@#:a-z`.])[A-Za-z]{2,}(?![a-z]*[:/.])")


@cache
def template() -> Catalog:
    return collect()


@cache
def catalogue(language: str) -> Catalog:
    with (LOCALE / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def test_there_are_the_languages_that_are_promised() -> None:
    assert {"de", "fr", "es", "ja", "zh_Hans"} <= set(TRANSLATED)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_missing(language: str) -> None:
    known = {(message.context, message.id) for message in messages(language)}
    said = {(message.context, message.id) for message in template() if message.id}
    assert said - known == set(), "run `python -m launch.words`"
    assert known - said == set(), "run `python -m launch.words`"
    assert missing(catalogue(language)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_what_is_filled_in(language: str) -> None:
    wrong = []
    for message in messages(language):
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        translations = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {field for text in originals for field in _fields(text)}
        for text in filter(None, translations):
            # "one credit" need not say 1.
            if _fields(text) - wanted or wanted - _fields(text) - {"number"}:
                wrong.append((message.id, text))
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_commands_are_called_by_their_names(language: str) -> None:
    names = {
        str(message.id): str(message.string or message.id)
        for message in messages(language)
        if message.context == "command"
    }
    wrong = []
    for message in messages(language):
        texts = (message.id, message.string) if isinstance(message.id, str) else ("", "")
        for path in COMMAND.findall(str(texts[0])) if texts[1] else ():
            shown = " ".join(names.get(word, word) for word in path.split())
            if f"/{shown}" not in str(texts[1]):
                wrong.append((texts[1], f"/{shown}"))
    assert wrong == []


@pytest.fixture(scope="module")
def commands() -> list[dict[str, Any]]:
    return command_payloads(CommandTranslator())


@pytest.mark.parametrize("language", TRANSLATED)
def test_discord_takes_the_commands(commands: list[dict[str, Any]], language: str) -> None:
    locale = DISCORD.get(language, language)
    _check_siblings(commands, locale)
    for command in commands:
        assert _size(command, locale) <= 8000, command["name"]
        _check(command, locale, is_menu=command["type"] != 1)


@pytest.mark.parametrize("language", languages())
def test_forms_have_room_for_their_words(language: str) -> None:
    with speaking(language):
        for form in (*FORMS, GuideForm(place=0)):
            assert len(form.label) <= 45
            for label in (line.label for line in form.lines.values()):
                assert len(_(label, steps=100, guidance="30", seed=2**32 - 1)) <= 45, label


def test_nothing_is_said_past_the_catalogues() -> None:
    root = LOCALE.parent
    paths = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py"))
    found = [
        f"{path.relative_to(root)}:{line}: {text}"
        for path in paths
        for line, text in _bare_texts(ast.parse(path.read_text()))
    ]
    assert found == [], "\n".join(found)


def _bare_texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of literals with words in them that are handed to what shows them to people."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        shown = [argument for place, argument in enumerate(call.args) if place in SHOWN.get(name, ())]
        shown += [keyword.value for keyword in call.keywords if keyword.arg in SHOWN.get(name, ())]
        for argument in shown:
            for part in _own_parts(argument):
                if WORDS.search(part):
                    yield argument.lineno, part


def _own_parts(node: ast.expr) -> list[str]:
    """The literal parts of a text, each alternative of a choice included."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.Constant)]
    if isinstance(node, ast.IfExp):
        return _own_parts(node.body) + _own_parts(node.orelse)
    if isinstance(node, ast.BinOp):
        return _own_parts(node.left) + _own_parts(node.right)
    return []


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        return {"no format"}


def _check_siblings(nodes: list[dict[str, Any]], locale: str) -> None:
    names = [(node.get("type"), _shown(node, "name", locale)) for node in nodes]
    assert len(set(names)) == len(names), names


def _check(node: dict[str, Any], locale: str, *, is_menu: bool) -> None:
    name = _shown(node, "name", locale)
    if is_menu:
        assert 1 <= len(name) <= 32, name
        return
    assert NAME.fullmatch(name) and name == name.lower(), name
    assert 1 <= len(_shown(node, "description", locale)) <= 100, name
    options = node.get("options", [])
    shown = [_shown(option, "name", locale) for option in options]
    assert len(set(shown)) == len(shown), shown
    for option in options:
        _check(option, locale, is_menu=False)
        for choice in option.get("choices", []):
            assert 1 <= len(_shown(choice, "name", locale)) <= 100, choice
        choices = [_shown(choice, "name", locale) for choice in option.get("choices", [])]
        assert len(set(choices)) == len(choices), choices


def _shown(node: dict[str, Any], what: str, locale: str) -> str:
    """The text as the language's members see it."""
    return str((node.get(f"{what}_localizations") or {}).get(locale, node.get(what, "")))


def _size(node: dict[str, Any], locale: str) -> int:
    """Characters that count for Discord's limit of a command."""
    own = len(_shown(node, "name", locale)) + len(_shown(node, "description", locale))
    own += len(str(node.get("value", "")))
    below = [*node.get("options", []), *node.get("choices", [])]
    return own + sum(_size(one, locale) for one in below)
