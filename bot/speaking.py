"""Which language the bot speaks: with a member, and before everybody in a server; and that it hears once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from actions.settings import language_here, language_of_member
from bot.recent import Recent
from core.words import ENGLISH, language_of, speaking

if TYPE_CHECKING:
    from bot.client import Atelier

#: Seconds that the database has to say what a member prefers, of the three that Discord waits for an answer.
ASK_S = 0.5

logger = logging.getLogger(__name__)


def speak_with_each(client: Atelier) -> None:
    """Handle every interaction, whatever it is, once, within `speaking` the language of who sent it."""
    # discord.py has no hook that commands, autocompletes, presses and forms have in common. This one is
    # before them all; the tasks that they run in copy the context that they are made in.
    parsers = client._connection.parsers
    handle = parsers["INTERACTION_CREATE"]
    under_way: set[asyncio.Task[None]] = set()
    known: Recent[str] = Recent()

    async def heard(data: dict[str, Any]) -> None:
        user = data.get("user") or data["member"]["user"]
        with speaking(await language_for(client, int(user["id"]), data.get("locale"))):
            handle(data)

    def hear(data: dict[str, Any]) -> None:
        # The gateway may tell of one again, and a star set twice is none.
        if not known.add(data["id"]):
            return
        task = asyncio.create_task(heard(data))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    parsers["INTERACTION_CREATE"] = hear


async def language_for(client: Atelier, member_id: int, locale: str | None = None) -> str:
    """The member's own setting, else the language of Discord's locale."""
    try:
        async with asyncio.timeout(ASK_S):
            chosen = await asyncio.to_thread(language_of_member, client.studio, member_id)
    except Exception:
        # Rather another language than no answer.
        logger.warning("The language of member %s is not known", member_id, exc_info=True)
        chosen = None
    return chosen or language_of(locale)


async def language_to(client: Atelier, member_id: int, guild_id: int | None) -> str:
    """For a message to a member who did nothing just now: their own setting, else their server's language."""
    chosen = await asyncio.to_thread(language_of_member, client.studio, member_id)
    return chosen or await language_in(client, guild_id)


async def tell_member(client: Atelier, member_id: int, guild_id: int | None, say: Callable[[], str]) -> None:
    """Tell a member what `say` gives, by direct message and in their language; who takes none is not told."""
    with speaking(await language_to(client, member_id, guild_id)):
        told = say()
    try:
        channel = await client.create_dm(discord.Object(member_id))
        await channel.send(told)
    except (discord.HTTPException, aiohttp.ClientError) as error:
        logger.info("Member %s could not be told by direct message: %s", member_id, error)


async def language_in(client: Atelier, guild_id: int | None, locale: discord.Locale | None = None) -> str:
    """The server's setting, else the language of its own locale; English in direct messages."""
    if guild_id is None:
        return ENGLISH
    if locale is None:
        guild = client.get_guild(guild_id)
        locale = guild.preferred_locale if guild is not None else None
    chosen = await asyncio.to_thread(language_here, client.studio, guild_id)
    return chosen or language_of(locale.value if locale is not None else None)
