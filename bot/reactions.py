"""Reactions: the same verbs as the buttons' (`bot.verbs`), on any of the studio's messages, however old."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import TYPE_CHECKING

import discord

from bot.buttons import JobButton, row_of
from bot.errors import error_text
from bot.people import reacting_person
from bot.reacted import Reacted, Said
from bot.recent import Recent
from bot.speaking import language_to
from bot.turns import Turns
from bot.verbs import job_id_in, verb_of
from core.errors import AsksFirst
from core.logs import about_job
from core.words import speaking
from db.jobs import Job, get_job, job_at_message

if TYPE_CHECKING:
    from bot.client import Atelier

#: What the gateway tells of reactions.
Event = discord.RawReactionActionEvent | discord.RawReactionClearEvent | discord.RawReactionClearEmojiEvent

logger = logging.getLogger(__name__)


class Reactions:
    """Hears each reaction once, though the gateway may tell of it again."""

    def __init__(self, client: Atelier) -> None:
        self._client = client
        self._session: str | None = None
        self._number = 0
        #: Reactions that stand: (message, member, emoji).
        self._standing: Recent[tuple[int, int, str]] = Recent()
        #: What those who reacted were told just now.
        self._said: Recent[Said] = Recent()
        self._turns = Turns()
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, event: Event, *, session: str | None, number: int | None) -> None:
        """Act on a reaction that was added or taken back; where a moderator cleared them, none stands.

        Args:
            session, number: the gateway's session, and the event's number in it.
        """
        if not self._is_new(session, number or 0):
            return
        if not isinstance(event, discord.RawReactionActionEvent):
            self._clear(event)
        elif self._stands_anew(event):
            task = asyncio.create_task(self._guarded(event, _event_id(session, number or 0)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_new(self, session: str | None, number: int) -> bool:
        """False for what a resumed session tells once more."""
        if session != self._session:
            # What was taken back in between was not told.
            self._session, self._number = session, 0
            self._standing = Recent()
        if number <= self._number:
            return False
        self._number = number
        return True

    def _stands_anew(self, event: discord.RawReactionActionEvent) -> bool:
        """False for a reaction that stands already."""
        key = (event.message_id, event.user_id, str(event.emoji))
        if event.event_type == "REACTION_REMOVE":
            self._standing.discard(key)
            return True
        return self._standing.add(key)

    def _clear(self, event: discord.RawReactionClearEvent | discord.RawReactionClearEmojiEvent) -> None:
        """Whoever reacts once more means it."""
        emoji = str(event.emoji) if isinstance(event, discord.RawReactionClearEmojiEvent) else None
        self._standing.discard_all(lambda one: one[0] == event.message_id and emoji in (None, one[2]))

    async def _guarded(self, event: discord.RawReactionActionEvent, event_id: int) -> None:
        verb, me = verb_of(str(event.emoji)), self._client.user
        if verb is None or me is None or event.user_id == me.id:
            return
        if event.message_author_id not in (None, me.id) or (event.member is not None and event.member.bot):
            return
        if event.event_type == "REACTION_REMOVE" and verb.undo is JobButton.undo:
            return
        try:
            # In the order in which they were made: a star that is taken back at once stays taken back.
            async with self._turns.of(hash((event.message_id, event.user_id))):
                with speaking(await language_to(self._client, event.user_id, event.guild_id)):
                    await self._act(verb, event, event_id)
        except Exception:
            logger.exception("A reaction to message %s could not be answered", event.message_id)

    async def _act(self, verb: type[JobButton], event: discord.RawReactionActionEvent, event_id: int) -> None:
        job_id = await self._job_at(event)
        if job_id is None:
            return
        with about_job(job_id):
            job = await asyncio.to_thread(self._read, job_id)
            person = await reacting_person(self._client, event)
            private = job is not None and job.ephemeral
            ask = Reacted(self._client, person, event, event_id=event_id, private=private, said=self._said)
            try:
                button = verb(job_id)
                await (button.undo(ask) if event.event_type == "REACTION_REMOVE" else button.act(ask))
            except AsksFirst as question:
                await ask.offer(str(question), row_of(job_id, verb))
            except Exception as error:
                await ask.refuse(error_text(error))

    async def _job_at(self, event: discord.RawReactionActionEvent) -> str | None:
        """Id of the job that the message is about: the one it answers, or else the one its buttons name."""
        job_id = await asyncio.to_thread(self._answered_by, event.message_id)
        if job_id is not None:
            return job_id
        channel = self._client.get_partial_messageable(event.channel_id, guild_id=event.guild_id)
        try:
            message = await channel.fetch_message(event.message_id)
        except (discord.NotFound, discord.Forbidden):
            return None
        return job_id_in(message) if message.author == self._client.user else None

    def _answered_by(self, message_id: int) -> str | None:
        with self._client.studio.database.read() as session:
            return job_at_message(session, message_id)

    def _read(self, job_id: str) -> Job | None:
        with self._client.studio.database.read() as session:
            return get_job(session, job_id)


def _event_id(session: str | None, number: int) -> int:
    """What stands for an interaction's id: the same for the same event; negative, so no snowflake."""
    digest = hashlib.blake2b(f"{session}:{number}".encode(), digest_size=8).digest()
    return -1 - (int.from_bytes(digest) >> 1)
