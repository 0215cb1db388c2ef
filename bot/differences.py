"""What differs between two jobs, in words."""

from __future__ import annotations

from dataclasses import dataclass

from bot.embeds import facts_of
from bot.text import shown_prompt
from core.words import _
from db.jobs import Job

_PROMPT_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A setting, with both values as they are shown; "" is none."""

    name: str
    first: str
    second: str


def differences(first: Job, second: Job) -> list[Difference]:
    """The settings that differ, the prompt first; none that can't be read any more."""
    if not (first.readable and second.readable):
        return []
    before, after = (
        {_("Prompt"): shown_prompt(job, _PROMPT_CHARACTERS), **facts_of(job.request)}
        for job in (first, second)
    )
    names = dict.fromkeys([*before, *after])
    return [
        Difference(name=name, first=before.get(name, ""), second=after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]
