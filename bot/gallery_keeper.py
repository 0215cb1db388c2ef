"""Keeps the messages of galleries and contests as their subjects are: posted once, edited, taken away.

What fails is tried again later, by this bot or the next; a new message is looked for first, and has a nonce.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
import discord
from sqlalchemy.exc import SQLAlchemyError

from bot.gallery_posts import is_marked, post_of
from bot.people import is_age_restricted
from bot.post import Post
from bot.speaking import language_in
from core.errors import ObjectMissing, StorageError
from core.gallery import PostKind
from core.words import speaking
from db.gallery_posts import DuePost, claim_posts, defer_post, forget_post, give_up_post, posted

if TYPE_CHECKING:
    from bot.client import Atelier

#: Seconds that a claim holds, and fewer that a message may take.
LEASE_S = 60.0
_TRY_S = 45.0
_AT_ONCE = 4
_LONGEST_DELAY_S = 300.0
#: How far Discord's clock and the database's may differ, and how many messages are looked through.
_CLOCK_SLACK_S = 300.0
_SEARCH_DEPTH = 500

logger = logging.getLogger(__name__)


class GalleryKeeper:
    """Looks for posts that are due every `interval_s` seconds."""

    def __init__(self, client: Atelier, *, interval_s: float) -> None:
        self._client = client
        self._interval_s = interval_s

    async def run(self) -> None:
        """For ever."""
        while True:
            due = await asyncio.to_thread(self._claim)
            await asyncio.gather(*(self._guarded(post) for post in due))
            await asyncio.sleep(0.0 if due else self._interval_s)

    def _claim(self) -> list[DuePost]:
        try:
            with self._client.studio.database.begin() as session:
                return claim_posts(session, lease_s=LEASE_S, limit=_AT_ONCE)
        except Exception:
            # Whatever it was, the next look may find it mended.
            logger.exception("Posts could not be claimed")
            return []

    async def _guarded(self, due: DuePost) -> None:
        try:
            async with asyncio.timeout(_TRY_S):
                await self._keep(due)
        except discord.NotFound:
            # Somebody deleted the message, or the channel: it stays away.
            await self._settle(give_up_post, due, "its message or channel was deleted")
        except discord.Forbidden:
            await self._settle(give_up_post, due, "Atelier may not write in that channel")
        except ObjectMissing:
            await self._settle(give_up_post, due, "its stored picture is missing")
        except (TimeoutError, discord.HTTPException, aiohttp.ClientError, OSError, StorageError) as error:
            await self._again(due, repr(error))
        except Exception:
            logger.exception("The post of %s %s failed", due.kind.value, due.subject_id)
            await self._again(due, "error in the bot")

    async def _keep(self, due: DuePost) -> None:
        client = self._client
        # What Discord tells of it now: age restrictions change.
        known = client.get_channel(due.channel_id) or await client.fetch_channel(due.channel_id)
        channel = client.get_partial_messageable(due.channel_id, guild_id=due.guild_id)
        limit = client.limits.of(due.guild_id)
        with speaking(await language_in(client, due.guild_id)):
            post = await client.beside(
                post_of, client.studio, due, age_restricted=is_age_restricted(known), limit=limit
            )
        message_id = due.message_id or await self._find(due, channel)
        if post is not None:
            await self._settle(posted, due, await _show(channel, message_id, post, due))
            return
        if message_id is not None:
            with contextlib.suppress(discord.NotFound):
                await channel.get_partial_message(message_id).delete()
        await self._settle(forget_post, due)

    async def _find(self, due: DuePost, channel: discord.PartialMessageable) -> int | None:
        """The message of an earlier attempt whose end is not known."""
        if due.attempt == 1:
            return None
        earliest = datetime.fromtimestamp(due.created_at - _CLOCK_SLACK_S, UTC)
        since = discord.Object(discord.utils.time_snowflake(earliest))
        # Where the bot may not read, the nonce alone has to do.
        with contextlib.suppress(discord.Forbidden):
            async for message in channel.history(limit=_SEARCH_DEPTH, after=since, oldest_first=False):
                if message.author == self._client.user and is_marked(message, due):
                    return message.id
        return None

    async def _again(self, due: DuePost, reason: str) -> None:
        delay_s = min(_LONGEST_DELAY_S, 2.0 ** min(due.attempt, 10))
        logger.warning("%s %s is posted again in %s s: %s", due.kind.value, due.subject_id, delay_s, reason)
        await self._settle(defer_post, due, delay_s, reason)

    async def _settle(self, how: Callable[..., object], due: DuePost, *arguments: object) -> None:
        def write() -> None:
            with self._client.studio.database.begin() as session:
                how(session, due, *arguments)

        try:
            await asyncio.to_thread(write)
        except SQLAlchemyError:
            # The lease will end and the message be made again, which shows nothing twice.
            logger.exception("The post of %s %s could not be settled", due.kind.value, due.subject_id)


async def _show(channel: discord.PartialMessageable, message_id: int | None, post: Post, due: DuePost) -> int:
    """Make the message show the post; its id."""
    if message_id is None:
        # Discord gives the message of the same nonce back, for a few minutes, instead of posting again.
        return (await channel.send(**post.for_send(), nonce=due.nonce)).id
    changes = post.for_edit()
    if due.kind == PostKind.ENTRY:
        # Its picture never changes, and is not sent again with every vote.
        del changes["attachments"]
    return (await channel.get_partial_message(message_id).edit(**changes)).id
