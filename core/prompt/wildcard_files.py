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
from core.request import Request
from core.stages import EncodeText
from core.words import _

#: Most files and, of each, most bytes and most lines that are looked at.
MAX_FILES = 1000
MAX_BYTES = 1_000_000
MAX_LINES = 10_000
MAX_LINE = 200
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
        BadOption: there is no such file, it holds nothing, or the words become too long.
    """
    stages = tuple(
        replace(
            stage,
            prompt=_filled(stage.prompt, files, f"prompt {request.seed}"),
            negative_prompt=_filled(stage.negative_prompt, files, f"negative {request.seed}"),
        )
        if isinstance(stage, EncodeText)
        else stage
        for stage in request.stages
    )
    return replace(request, stages=stages)


def wildcards_in(text: str) -> list[str]:
    """Each as it stands there, with its underscores."""
    return [mark[0] for mark in _MARK.finditer(text)]


def _filled(text: str, files: WildcardFiles, key: str) -> str:
    marks = list(_MARK.finditer(text))
    # Without any files two underscores are only that.
    paths = files.paths() if marks else {}
    if not paths:
        return text
    pieces, at = [], 0
    for number, mark in enumerate(marks):
        room = MAX_CHARACTERS // len(marks)
        pieces += [text[at : mark.start()], _choice(mark[1], paths, f"{key} {number}", room)]
        at = mark.end()
    return "".join([*pieces, text[at:]])


def _choice(name: str, paths: dict[str, Path], key: str, room: int) -> str:
    path = paths.get(_key(name.strip()))
    if path is None:
        choices = ", ".join(list(paths)[:25])
        raise BadOption("wildcard", name, _("there is no such file. There are: {choices}.", choices=choices))
    lines = list(dict.fromkeys(_lines(path)))
    if not lines:
        raise BadOption("wildcard", name, _("its file is empty."))
    options = list(_fitting(sorted(lines, key=lambda line: _rank(key, line)), room))
    # In the file's order: what is drawn of a short file does not depend on how it was sorted here.
    kept = [line for line in lines if line in set(options)]
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
    marks = r"[{}|<]" if _is_paired(line) else r"[{}|<()\[\]\\]"
    return re.sub(rf"(?<!\\)({marks})", r"\\\1", line)


def _is_paired(line: str) -> bool:
    try:
        return parse(line).remark is None
    except BadOption:
        return False
