"""How a reaction is answered: it is no interaction, so nothing is seen by one person alone.

Pictures come as a reply, private words by direct message, and what needs a press as a reply with a button.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from actions.person import Asked, Person
from actions.queue import place_in_queue
from actions.settings import prefers_private
from bot.answering import made_already_text, store_placeholder
from bot.asks import Ask
from bot.making import Making
from bot.posts import queued_post
from bot.recent import Recent
from bot.speaking import language_in
from bot.text import MESSAGE_LENGTH
from core.logs import about_job
from core.text import shorten
from core.words import _, speaking, spoken
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

#: Seconds until words that concern one person are taken out of a channel again, and may be said again.
_WORDS_S = 20.0
_OFFER_S = 120.0

#: That a member was told something in a channel, of an emoji.
Said = tuple[int, int, str, str]

logger = logging.getLogger(__name__)


class Reacted(Ask):
    """By a reaction to a message."""

    def __init__(
        self,
        client: Atelier,
        person: Person,
        event: discord.RawReactionActionEvent,
        *,
        event_id: int,
        private: bool,
        said: Recent[Said],
    ) -> None:
        super().__init__(client, person, message_id=event.message_id, private=private)
        self._event_id = event_id
        self._emoji = str(event.emoji)
        self._said = said
        self._channel = client.get_partial_messageable(event.channel_id, guild_id=event.guild_id)
        self._reference = discord.MessageReference(
            message_id=event.message_id,
            channel_id=event.channel_id,
            guild_id=event.guild_id,
            fail_if_not_exists=False,
        )

    async def make(self, make: Making, *, like: str | None = None) -> Job:
        client = self.client
        unseen = self.private and like is None
        unseen = unseen or await asyncio.to_thread(prefers_private, client.studio, self.person, like=like)
        # Held meanwhile, so that a job that is done sooner than its answer is given waits.
        async with client.turns.of(self._event_id):
            language = spoken() if unseen else await language_in(client, self.person.guild_id)
            asked = Asked(interaction_id=self._event_id, ephemeral=unseen, language=language)
            job = await make(self.person, asked)
            place = await asyncio.to_thread(place_in_queue, client.studio, job.id)
            if not job.created:
                if job.interaction_id != self._event_id:
                    await self.tell(made_already_text(job, place))
                return job
            with about_job(job.id), speaking(job.language):
                if unseen:
                    await self.tell(_("It will come here once it is made: `{job}`", job=job.id))
                else:
                    await self._place(job, queued_post(job, place).for_send())
        client.wake()
        return job

    async def refuse(self, text: str) -> None:
        """Say why nothing is done; not again and again to whoever tries so."""
        if self._is_new("refused"):
            await self.tell(text)

    async def tell(self, text: str = "", *, embed: discord.Embed | None = None) -> None:
        shown: dict[str, Any] = {"content": shorten(text, MESSAGE_LENGTH), "embed": embed}
        try:
            channel = await self.client.create_dm(discord.Object(self.person.member_id))
            await channel.send(**shown)
        except discord.Forbidden:
            # What was to be said is for them alone.
            if self._is_new("closed"):
                await self._reply_for_a_while(
                    _(
                        "<@{member}>, your direct messages are closed to me, so I can't tell you what came "
                        "of your reaction. The buttons under the picture can.",
                        member=self.person.member_id,
                    ),
                    _WORDS_S,
                )

    async def confirm(self, text: str) -> None:
        """The reaction itself shows it."""

    async def offer(self, text: str, view: discord.ui.View) -> None:
        await self._reply_for_a_while(f"<@{self.person.member_id}> {text}", _OFFER_S, view=view)

    async def fill(self, form: discord.ui.Modal, offer: str, view: discord.ui.View) -> None:  # noqa: ARG002
        await self.offer(offer, view)

    async def wait(self, *, unseen: bool = False) -> None:
        """Nothing has to be answered in time."""

    async def take_away(self) -> None:
        assert self.message_id is not None, "a reaction stands under a message"
        with contextlib.suppress(discord.NotFound, discord.Forbidden):
            await self._channel.get_partial_message(self.message_id).delete()

    async def _place(self, job: Job, shown: dict[str, Any]) -> None:
        try:
            # Discord gives the message of the same nonce back, for a few minutes, instead of posting again.
            sent = await self._channel.send(**shown, reference=self._reference, nonce=job.id)
        except (discord.HTTPException, aiohttp.ClientError) as error:
            logger.warning(
                "The first answer was not taken (%r); the result will be a message of its own", error
            )
            return
        await store_placeholder(self.client, job, sent.channel.id, sent.id, None)

    def _is_new(self, what: str) -> bool:
        """False where the person was told so of such a reaction in this channel just now."""
        said = (self.person.member_id, self._channel.id, self._emoji, what)
        if not self._said.add(said):
            return False
        asyncio.get_running_loop().call_later(_WORDS_S, self._said.discard, said)
        return True

    async def _reply_for_a_while(
        self, text: str, seconds: float, *, view: discord.ui.View | None = None
    ) -> None:
        """Where the bot may not write, either, nothing more can be said."""
        mentions = discord.AllowedMentions(users=[discord.Object(self.person.member_id)], replied_user=False)
        shown: dict[str, Any] = {"content": text, "allowed_mentions": mentions, "delete_after": seconds}
        if view is not None:
            shown["view"] = view
        with contextlib.suppress(discord.Forbidden, discord.NotFound):
            await self._channel.send(**shown, reference=self._reference)
