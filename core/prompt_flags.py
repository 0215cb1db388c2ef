"""Flags at the end of a prompt, for Midjourney habits: `a fox --ar 16:9 --seed 5 --steps 30 --no snow, text`.

A flag's value runs to the next flag or the end. Phones turn two hyphens into a dash, so `—ar` is `--ar`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import BadOption

#: Flag -> what it means, in the order in which refusals list them.
FLAGS = {
    "ar": "aspect ratio, like --ar 16:9",
    "seed": "seed, like --seed 5",
    "steps": "steps, like --steps 30",
    "no": "what to leave out, like --no snow",
}

# A dash inside or after a word ("a black-and-white fox", "fox — in snow") starts no flag.
_FLAG = re.compile(r"(?<!\S)(?:--|—|–)(?P<name>[A-Za-z][A-Za-z0-9_-]*)")


@dataclass(frozen=True, kw_only=True)
class ParsedPrompt:
    """A prompt without its flags, and the flags' values as they were typed (None: not given)."""

    prompt: str
    aspect: str | None = None
    seed: str | None = None
    steps: str | None = None
    #: All `--no` values, joined by commas.
    negative: str | None = None


def parse_prompt(text: str) -> ParsedPrompt:
    """Take the flags out of a prompt.

    Raises:
        BadOption: a flag is unknown, has no value, or is given twice (`--no` may be: its values add up).
    """
    matches = list(_FLAG.finditer(text))
    _refuse_unknown([match["name"] for match in matches])
    starts = [match.start() for match in matches] + [len(text)]
    values: dict[str, str] = {}
    for match, end in zip(matches, starts[1:], strict=True):
        name = match["name"].lower()
        value = text[match.end() : end].strip()
        if not value:
            raise BadOption(f"--{name}", "", f"it needs a value: {FLAGS[name]}.")
        if name in values and name != "no":
            raise BadOption(f"--{name}", value, f"it is given twice; `{values[name]}` came first. Keep one.")
        values[name] = f"{values[name]}, {value}" if name in values else value
    return ParsedPrompt(
        prompt=text[: starts[0]].strip(),
        aspect=values.get("ar"),
        seed=values.get("seed"),
        steps=values.get("steps"),
        negative=values.get("no"),
    )


def _refuse_unknown(names: list[str]) -> None:
    unknown = [f"--{name}" for name in names if name.lower() not in FLAGS]
    if unknown:
        known = "; ".join(FLAGS.values())
        raise BadOption("prompt", " ".join(unknown), f"there is no such flag. There are: {known}.")
