"""The message that answers a job: edited by interaction token or bot token, or sent anew, once."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import discord

from bot.post import Post
from core.errors import AtelierError
from core.words import N_
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

#: Interaction tokens live for 15 minutes; the last one is left to an edit that is under way.
TOKEN_LIFE_S = 14 * 60.0

#: How many messages, the newest first, are looked through for one that was sent already.
_SEARCH_DEPTH = 500

#: How far Discord's clock and the database's may differ.
_CLOCK_SLACK_S = 300.0

# Discord's error codes.
_UNKNOWN_WEBHOOK = 10015
_INVALID_WEBHOOK_TOKEN = 50027


class Undeliverable(AtelierError):
    """Discord will never take it; the text says why, for the member."""


class Placeholders:
    """Edits and sends the messages of jobs. Every method raises what discord.py and aiohttp raise."""

    def __init__(self, client: Atelier) -> None:
        self._client = client

    async def edit(self, job: Job, age_s: float, post: Post) -> int | None:
        """Make the job's message show `post`; `age_s` counts from the job's submission.

        Returns:
            The message's id, or None where the job has no message that can still be edited.

        Raises:
            Undeliverable: the message or its channel was deleted, or is closed to the bot.
        """
        try:
            message_id = await self._edit_by_token(job, age_s, post)
            if message_id is None:
                message_id = await self._edit_as_bot(job, post)
            return message_id
        except discord.NotFound:
            raise Undeliverable(N_("its message was deleted")) from None
        except discord.Forbidden:
            raise Undeliverable(N_("Atelier may not write in that channel")) from None

    async def send(self, job: Job, post: Post, notice: Post) -> discord.Message:
        """A new message in the job's channel, or where the answer is private in direct messages.

        `notice` goes to the channel where the member's direct messages are closed: the pictures wait behind
        its button. A message that carries the job's buttons, as both posts do, is looked for first, and
        edited: an earlier attempt, or an answer whose id was lost, may have left one.

        Raises:
            Undeliverable: neither takes it.
        """
        try:
            if job.ephemeral:
                return await self._send_privately(job, post, notice)
            return await self._send_once(self._channel(job), job, post)
        except discord.NotFound:
            raise Undeliverable(N_("its channel was deleted")) from None
        except discord.Forbidden:
            raise Undeliverable(N_("Atelier may not write in that channel")) from None

    async def _edit_by_token(self, job: Job, age_s: float, post: Post) -> int | None:
        if job.interaction_token is None or age_s >= TOKEN_LIFE_S:
            return None
        application_id = self._client.application_id
        assert application_id is not None, "the bot has signed in"
        webhook = discord.Webhook.partial(application_id, job.interaction_token, client=self._client)
        # Discord takes "@original" wherever it takes the id of an answer.
        message_id = job.placeholder_message_id or cast(int, "@original")
        try:
            return (await webhook.edit_message(message_id, **post.for_edit())).id
        except discord.HTTPException as error:
            # The interaction was never answered, or its token has died early.
            if error.code in (_UNKNOWN_WEBHOOK, _INVALID_WEBHOOK_TOKEN):
                return None
            raise

    async def _edit_as_bot(self, job: Job, post: Post) -> int | None:
        if job.placeholder_message_id is None or job.ephemeral:
            return None
        message = self._channel(job).get_partial_message(job.placeholder_message_id)
        return (await message.edit(**post.for_edit())).id

    async def _send_privately(self, job: Job, post: Post, notice: Post) -> discord.Message:
        if job.age_restricted:
            # Direct messages are no place for it: nobody knows there how old the member is.
            return await self._send_once(self._channel(job), job, notice)
        try:
            channel = await self._client.create_dm(discord.Object(job.member_id))
            return await self._send_once(channel, job, post)
        except discord.Forbidden:
            return await self._send_once(self._channel(job), job, notice)

    async def _send_once(
        self,
        channel: discord.DMChannel | discord.PartialMessageable,
        job: Job,
        post: Post,
    ) -> discord.Message:
        found = await self._find(channel, job)
        if found is not None:
            return await found.edit(**post.for_edit())
        # Discord gives the message of the same nonce back, for a few minutes, instead of posting again.
        return await channel.send(**post.for_send(), nonce=job.id)

    async def _find(
        self, channel: discord.DMChannel | discord.PartialMessageable, job: Job
    ) -> discord.Message | None:
        since = discord.Object(
            discord.utils.time_snowflake(datetime.fromtimestamp(job.created_at - _CLOCK_SLACK_S, UTC))
        )
        # Where the bot may not read, the nonce alone has to do.
        with contextlib.suppress(discord.Forbidden):
            # discord.py starts with the oldest where `after` is given and nothing else is said.
            async for message in channel.history(limit=_SEARCH_DEPTH, after=since, oldest_first=False):
                if message.author == self._client.user and job.id in _job_ids(message):
                    return message
        return None

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(job.channel_id, guild_id=job.guild_id)


def _job_ids(message: discord.Message) -> set[str]:
    """Ids of the jobs that a message's buttons are about."""
    buttons = (
        button
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for button in row.children
        if isinstance(button, discord.Button)
    )
    return {button.custom_id.partition(":")[2] for button in buttons if button.custom_id}
