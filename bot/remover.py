"""Takes messages away from Discord that are to go; what fails is tried again, by this bot or the next."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import discord
from sqlalchemy.exc import SQLAlchemyError

from db.removals import Removal, claim_removals, remove_later, removed

if TYPE_CHECKING:
    from bot.client import Atelier

#: Seconds that a claim holds, and fewer that a try may take.
LEASE_S = 60.0
_TRY_S = 45.0
_AT_ONCE = 8
#: Seconds between two looks for what is to be tried again; what is new wakes the loop.
_LOOK_S = 2.0
#: Longest wait between two tries, and when to stop trying (seconds).
_LONGEST_DELAY_S = 3600.0
_GIVE_UP_AFTER_S = 7 * 86_400.0

logger = logging.getLogger(__name__)


class Remover:
    """Deletes what is due, woken by `wake` and by looking now and then."""

    def __init__(self, client: Atelier) -> None:
        self._client = client
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """For ever."""
        while True:
            self.wake.clear()
            due = await asyncio.to_thread(self._claim)
            await asyncio.gather(*(self._remove(removal) for removal in due))
            if due:
                continue
            # Not `wait_for`, which on Python 3.11 may swallow a cancellation.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self.wake.wait()

    def _claim(self) -> list[Removal]:
        try:
            with self._client.studio.database.begin() as session:
                return claim_removals(session, lease_s=LEASE_S, limit=_AT_ONCE)
        except Exception:
            # Whatever it was, the next look may find it mended.
            logger.exception("Messages that are to go could not be looked for")
            return []

    async def _remove(self, removal: Removal) -> None:
        channel = self._client.get_partial_messageable(removal.channel_id)
        try:
            async with asyncio.timeout(_TRY_S):
                # An answer that one person alone sees is not found; a private result in direct messages is.
                with contextlib.suppress(discord.NotFound):
                    await channel.get_partial_message(removal.message_id).delete()
        except Exception as error:
            # Whatever it was: a message that stays shows what was erased.
            await self._again(removal, error)
        else:
            await self._settle(removed, removal)

    async def _again(self, removal: Removal, error: Exception) -> None:
        if removal.age_s > _GIVE_UP_AFTER_S:
            logger.error("Message %s can't be taken away: %r", removal.message_id, error)
            await self._settle(removed, removal)
            return
        # Of an address that is often told that it may not, Discord takes nothing more.
        forbidden = isinstance(error, discord.Forbidden)
        delay_s = _LONGEST_DELAY_S if forbidden else min(_LONGEST_DELAY_S, 2.0 ** min(removal.attempt, 12))
        logger.warning("Message %s is taken away in %s s: %r", removal.message_id, delay_s, error)
        await self._settle(remove_later, removal, delay_s)

    async def _settle(self, how: Callable[..., object], removal: Removal, *arguments: object) -> None:
        def write() -> None:
            with self._client.studio.database.begin() as session:
                how(session, removal, *arguments)

        try:
            await asyncio.to_thread(write)
        except SQLAlchemyError:
            # The lease will end, and the message be deleted again.
            logger.exception("The end of message %s could not be noted", removal.message_id)
