"""Commands in a text as Discord's mentions of them, which begin the command when they are pressed.

A reader's language may be another than that of their Discord, which then has other names for commands than
the text; a mention leads to the command all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from discord import AppCommandType
from discord.app_commands import AppCommand, AppCommandGroup

from core.words import pgettext

_NAMED = re.compile(r"`/([^`]+)`")


class CommandMentions:
    """Knows the commands once Discord has given them ids."""

    def __init__(self) -> None:
        #: Mentions by the commands' English names, as "gallery browse".
        self._known: dict[str, str] = {}

    def learn(self, commands: Iterable[AppCommand]) -> None:
        """Take these as all that there are."""
        slash = (one for one in commands if one.type is AppCommandType.chat_input)
        self._known = {name: mention for one in slash for name, mention in _used(one)}

    def put_into(self, text: str) -> str:
        """The text with a mention for every command that it names in the spoken language or in English."""
        known = self._known | {_translated(name): mention for name, mention in self._known.items()}
        return _NAMED.sub(lambda found: known.get(found[1], found[0]), text)


def _used(command: AppCommand | AppCommandGroup) -> Iterator[tuple[str, str]]:
    """Name and mention of what can be used: a group can't, only what is in it."""
    within = [one for one in command.options if isinstance(one, AppCommandGroup)]
    for one in within:
        yield from _used(one)
    if not within:
        name = command.name if isinstance(command, AppCommand) else command.qualified_name
        yield name, command.mention


def _translated(name: str) -> str:
    return " ".join(pgettext("command", word) for word in name.split())
