"""Buttons and menus that work for years: all that they know stands in their custom ids.

A subclass says what its ids look like (`template`), how one is read where it is not plain text, and what a
press does. Whatever is listed with `client.add_dynamic_items` is answered after any restart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

import discord

from bot.errors import answer_error

if TYPE_CHECKING:
    from bot.client import Atelier

#: A press of a button, or a choice from a menu.
Press: TypeAlias = "discord.Interaction[Atelier]"

ItemT = TypeVar("ItemT", bound="discord.ui.Item[Any]")


class LastingItem(discord.ui.DynamicItem[ItemT], template=r"(?!)"):
    """An item whose errors are told to whoever pressed it."""

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        """The item of an id that fits the template."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
        /,
    ) -> Self:
        return cls.read(match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.pressed(interaction)
        except Exception as error:
            await answer_error(interaction, error)

    async def pressed(self, interaction: Press) -> None:
        """What a press does; errors raised here are answered."""
        raise NotImplementedError


class LastingButton(LastingItem["discord.ui.Button[Any]"], template=r"(?!)"):
    """A button whose errors are told to whoever pressed it."""


class LastingSelect(LastingItem["discord.ui.Select[Any]"], template=r"(?!)"):
    """A menu whose errors are told to whoever chose from it."""
