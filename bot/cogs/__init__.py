"""Slash commands, a file each. A new command is one cog here and its action."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from discord.ext import commands

from bot.cogs.cancel import CancelCog
from bot.cogs.history import HistoryCog
from bot.cogs.imagine import ImagineCog
from bot.cogs.job import JobCog
from bot.cogs.queue import QueueCog

if TYPE_CHECKING:
    from bot.client import Atelier

COGS: tuple[Callable[[Atelier], commands.Cog], ...] = (ImagineCog, HistoryCog, JobCog, CancelCog, QueueCog)
