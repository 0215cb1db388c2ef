"""Wildcards: `a __colour__ fox` becomes `a {red|blue} fox` by the lines of the owner's `colour.txt`.

A file's lines become the options of a choice, which is drawn from each image's seed like any other
(`core.prompt.wildcards`). The order keeps them, so that a rerun is equal whatever becomes of the file. Of a
long file the job's seed draws as many lines as there is room for.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from core.errors import BadOption
from core.prompt.parse import parse
from core.prompt.scan import ESCAPE
from core.request import Request
from core.stages import EncodeText
from core.words import _

#: Most files and, of each, most bytes and most lines that are looked at.
MAX_FILES = 1000
MAX_BYTES = 1_000_000
MAX_LINES = 10_000
MAX_LINE = 200
#: Wildcards in a text, each of which may stand for another file.
MAX_WILDCARDS = 32
#: Characters that all wildcards of a text may put in its place together.
MAX_CHARACTERS = 4000

#: Outside ASCII any character: not all that words are written with are letters to `re`.
_MARK = re.compile(r"__([A-Za-z0-9\x80-\U0010ffff](?:[A-Za-z0-9\x80-\U0010ffff/ .-]|_(?!_))*)__")


class WildcardFiles:
    """The `.txt` files of a folder and those below it, looked at when a prompt has a wildcard.

    They are called by their paths in the folder without the ending, e.g. `animals/cats`. Names that people
    type are compared with these, and never become paths.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def paths(self) -> dict[str, Path]:
        """Each file by its name as `_key` spells it; links that lead out of the folder are none."""
        if self._folder is None or not self._folder.is_dir():
            return {}
        root = self._folder.resolve()
        found = (path for path in sorted(root.rglob("*.txt")) if path.resolve().is_relative_to(root))
        inside = [path for path in found if path.is_file()][:MAX_FILES]
        return {_key(path.relative_to(root).with_suffix("").as_posix()): path for path in inside}


def _key(name: str) -> str:
    """Small letters, each as one character: file systems and keyboards may take "é" apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def with_wildcards(request: Request, files: WildcardFiles) -> Request:
    """The request with the lines of the files in place of the wildcards that its words name.

    Raises:
        BadOption: there is no such file, it holds nothing, or a text names more than MAX_WILDCARDS.
    """
    texts = [stage for stage in request.stages if isinstance(stage, EncodeText)]
    named = any(wildcards_in(stage.prompt) or wildcards_in(stage.negative_prompt) for stage in texts)
    # Without any files two underscores are only that.
    paths = files.paths() if named else {}
    if not paths:
        return request
    found = _Found(paths)
    stages = tuple(
        replace(
            stage,
            prompt=_filled(stage.prompt, found, f"prompt {request.seed}"),
            negative_prompt=_filled(stage.negative_prompt, found, f"negative {request.seed}"),
        )
        if isinstance(stage, EncodeText)
        else stage
        for stage in request.stages
    )
    return replace(request, stages=stages)


def wildcards_in(text: str) -> list[str]:
    """Each as it stands there, with its underscores."""
    return [mark[0] for mark in _MARK.finditer(text)]


class _Found:
    """The files as one request finds them: each is read once, however often it is named."""

    def __init__(self, paths: dict[str, Path]) -> None:
        self._paths = paths
        self._options: dict[Path, list[str]] = {}

    def options(self, name: str) -> list[str]:
        """The different lines of a file, in its order. Raises BadOption."""
        path = self._paths.get(_key(name.strip()))
        if path is None:
            choices = ", ".join(list(self._paths)[:25])
            raise BadOption(
                "wildcard", name, _("there is no such file. There are: {choices}.", choices=choices)
            )
        if path not in self._options:
            self._options[path] = list(dict.fromkeys(_lines(path)))
        if not self._options[path]:
            raise BadOption("wildcard", name, _("its file is empty."))
        return self._options[path]


def _filled(text: str, found: _Found, key: str) -> str:
    marks = list(_MARK.finditer(text))
    if len(marks) > MAX_WILDCARDS:
        asked = _("{number} wildcards", number=len(marks))
        raise BadOption("prompt", asked, _("up to {most} fit into a text.", most=MAX_WILDCARDS))
    pieces, at = [], 0
    for number, mark in enumerate(marks):
        room = MAX_CHARACTERS // len(marks)
        pieces += [text[at : mark.start()], _choice(found.options(mark[1]), f"{key} {number}", room)]
        at = mark.end()
    return "".join([*pieces, text[at:]])


def _choice(options: list[str], key: str, room: int) -> str:
    drawn = set(_fitting(sorted(options, key=lambda line: _rank(key, line)), room))
    # In the file's order: what is drawn of a short file does not depend on how it was sorted here.
    kept = [line for line in options if line in drawn]
    return kept[0] if len(kept) == 1 else f"{{{'|'.join(kept)}}}"


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        text = file.read(MAX_BYTES).decode("utf-8", errors="replace")
    for line in text.splitlines()[:MAX_LINES]:
        words = line.strip()
        if words and not words.startswith("#"):
            yield _as_option(words[:MAX_LINE])


def _fitting(lines: list[str], room: int) -> Iterator[str]:
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0 and number:
            return
        yield line


def _rank(key: str, line: str) -> bytes:
    return hashlib.sha256(f"{key} {line}".encode()).digest()


def _as_option(line: str) -> str:
    """A line in which no mark reaches beyond it; weights and switches stay where brackets are paired."""
    marks = r"[{}|<]|\\\Z" if _is_paired(line) else r"[{}|<()\[\]\\]"
    return re.sub(rf"({ESCAPE})|({marks})", lambda found: found[1] or f"\\{found[2]}", line)


def _is_paired(line: str) -> bool:
    # Most lines have none, and need not be parsed.
    if not re.search(r"[()\[\]\\]", line):
        return True
    try:
        return parse(line).remark is None
    except BadOption:
        return False
