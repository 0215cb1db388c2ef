from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(autouse=True)
def _described(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No picture is sent that those who can't see it are told nothing of."""
    sent: list[discord.File] = []
    begin = discord.File.__init__

    def noted(self: discord.File, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        sent.append(self)

    monkeypatch.setattr(discord.File, "__init__", noted)
    yield
    for file in sent:
        if file.filename.lower().endswith((".png", ".webp", ".jpg", ".jpeg", ".gif")):
            assert file.description and file.description.strip(), file.filename
            assert len(file.description) <= 1024, file.filename


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
