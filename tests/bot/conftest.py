from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import discord
import pytest

from bot.client import Atelier
from db.engine import Database, open_database
from tests.bot.studio import Town, running_town


@pytest.fixture(autouse=True)
def _real_address() -> Iterator[None]:
    """discord.py's addresses, set for a test, are put back."""
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    yield
    discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@pytest.fixture
def bot_database(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
async def town(bot_database: Database, tmp_path: Path, redis_url: str) -> AsyncIterator[Town]:
    """A local Discord with a studio behind it, and no bot yet. What the bot sends must fit Discord's API."""
    async with running_town(bot_database, tmp_path, redis_url) as running:
        yield running


@pytest.fixture
async def bot(town: Town) -> AsyncIterator[Atelier]:
    async with town.bot() as running:
        yield running
