"""Flags at the end of a prompt, for Midjourney habits: `a fox --ar 16:9 --seed 5 --steps 30 --no snow, text`.

A flag's value runs to the next flag or the end. Phones turn two hyphens into a dash, so `—ar` is `--ar`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import BadOption
from core.words import N_, _

#: Flag -> what it means, in the order in which refusals list them.
FLAGS = {
    "ar": N_("aspect ratio, like --ar 16:9"),
    "seed": N_("seed, like --seed 5"),
    "steps": N_("steps, like --steps 30"),
    "clip-skip": N_("clip skip, like --clip-skip 2"),
    "no": N_("what to leave out, like --no snow"),
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
    clip_skip: str | None = None
    #: All `--no` values, joined by commas.
    negative: str | None = None


def parse_prompt(text: str) -> ParsedPrompt:
    """Take the flags out of a prompt.

    Raises:
        BadOption: a flag is unknown, has no value, or is given twice (`--no` may be: its values add up).
    """
    prompt, flags = _split(text)
    _refuse_unknown([match["name"] for match, _ in flags])
    values: dict[str, str] = {}
    for match, value in flags:
        name = match["name"].lower()
        if not value:
            raise BadOption(f"--{name}", "", _("it needs a value: {what}.", what=_(FLAGS[name])))
        if name in values and name != "no":
            raise BadOption(
                f"--{name}",
                value,
                _("it is given twice; `{first}` came first. Keep one.", first=values[name]),
            )
        values[name] = f"{values[name]}, {value}" if name in values else value
    return ParsedPrompt(
        prompt=prompt,
        aspect=values.get("ar"),
        seed=values.get("seed"),
        steps=values.get("steps"),
        clip_skip=values.get("clip-skip"),
        negative=values.get("no"),
    )


def without_flag(text: str, name: str) -> str:
    """The prompt with all its flags but this one."""
    prompt, flags = _split(text)
    kept = [f"{match[0]} {value}" for match, value in flags if match["name"].lower() != name]
    return " ".join([prompt, *kept])


def without_flags(text: str) -> str:
    """The prompt before its flags, whatever they are."""
    return _split(text)[0]


def _split(text: str) -> tuple[str, list[tuple[re.Match[str], str]]]:
    """The prompt before its flags, and each flag with its value."""
    flags = list(_FLAG.finditer(text))
    starts = [match.start() for match in flags] + [len(text)]
    values = [text[match.end() : end].strip() for match, end in zip(flags, starts[1:], strict=True)]
    return text[: starts[0]].strip(), list(zip(flags, values, strict=True))


def _refuse_unknown(names: list[str]) -> None:
    unknown = [f"--{name}" for name in names if name.lower() not in FLAGS]
    if unknown:
        known = "; ".join(map(_, FLAGS.values()))
        raise BadOption(
            "prompt", " ".join(unknown), _("there is no such flag. There are: {known}.", known=known)
        )
