"""The first answer to whoever asked for pictures: at once, with a placeholder whose message id is stored."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import aiohttp
import discord

from actions.person import Asked
from actions.queue import place_in_queue
from actions.settings import prefers_private
from bot.confirm import Confirm
from bot.errors import AskedBack, say_privately
from bot.making import Making
from bot.people import person_of
from bot.post import Post
from bot.posts import queued_post
from bot.speaking import language_in
from bot.text import place_text
from core.errors import AsksFirst
from core.logs import about_job
from core.words import _, speaking, spoken
from db.jobs import Job, set_placeholder
from db.queue import QueuePosition

if TYPE_CHECKING:
    from bot.client import Atelier

#: Discord waits 3 s for a first answer. Seconds until which the database has to say whether the person's
#: answers are private, and to take the job; where it is slower, a bare answer is given.
PRIVATE_S = 1.5
BARE_ANSWER_AFTER_S = 2.0

_ATTEMPTS = 3

logger = logging.getLogger(__name__)


async def answer_with_job(
    interaction: discord.Interaction[Atelier],
    make: Making,
    *,
    private: bool,
    public: bool = False,
    like: str | None = None,
) -> Job:
    """Make a job and answer with its placeholder.

    The message's lock is held meanwhile, so that a job that is done sooner than its answer is given waits.

    Args:
        private: the person alone sees it.
        public: everybody sees it, even where the person's settings say otherwise.
        like: id of a job that it is made from; where that is private, the person alone sees this one, too.

    Raises:
        Refusal: there is no job, and no answer was given, or it was taken back. AskedBack brings the button
            that agrees to the price.
    """
    client, loop = interaction.client, asyncio.get_running_loop()
    bare_at = loop.time() + BARE_ANSWER_AFTER_S
    client.limits.learn(interaction)
    private = private or (not public and await _prefers_private(interaction, like))

    async def work() -> tuple[Job, QueuePosition | None]:
        language = await _language(interaction, private=private)
        asked = Asked(
            interaction_id=interaction.id, token=interaction.token, ephemeral=private, language=language
        )
        job = await make(person_of(interaction), asked)
        return job, await asyncio.to_thread(place_in_queue, client.studio, job.id)

    async with client.turns.of(interaction.id):
        working = asyncio.ensure_future(work())
        await asyncio.wait({working}, timeout=max(0.0, bare_at - loop.time()))
        if not (working.done() or interaction.response.is_done()):
            # One that arrived twice has this answer already.
            with contextlib.suppress(discord.HTTPException):
                await interaction.response.defer(ephemeral=private, thinking=True)
        try:
            job, place = await working
        except AsksFirst as question:
            await _take_back(interaction, private=private)
            view = Confirm(interaction, make, question.price, private=private)
            raise AskedBack(str(question), view) from None
        except Exception:
            await _take_back(interaction, private=private)
            raise
        if job.interaction_id != interaction.id:
            await _take_back(interaction, private=private)
            await say_privately(interaction, made_already_text(job, place))
            return job
        if not job.created and job.placeholder_message_id is not None:
            # The interaction arrived twice (a gateway replays what it is not sure of): it has its answer.
            return job
        with about_job(job.id), speaking(job.language):
            await _place(interaction, job, queued_post(job, place), private=private)
    client.wake()
    return job


async def _prefers_private(interaction: discord.Interaction[Atelier], like: str | None) -> bool:
    """By the settings; where the database does not say in time, rather too few see it than too many."""
    studio, person = interaction.client.studio, person_of(interaction)
    try:
        async with asyncio.timeout(PRIVATE_S):
            return await asyncio.to_thread(prefers_private, studio, person, like=like)
    except TimeoutError:
        return True


async def _language(interaction: discord.Interaction[Atelier], *, private: bool) -> str:
    """In which the answer is to speak: the person's own, or the server's before everybody."""
    if private or interaction.guild_id is None:
        return spoken()
    return await language_in(interaction.client, interaction.guild_id, interaction.guild_locale)


async def _take_back(interaction: discord.Interaction[Atelier], *, private: bool) -> None:
    """Nothing comes of a bare answer that everybody sees; why not is told to the person alone."""
    if interaction.response.is_done() and not private:
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError):
            await interaction.delete_original_response()


async def _place(interaction: discord.Interaction[Atelier], job: Job, post: Post, *, private: bool) -> None:
    message_id = await _give(interaction, post, private=private)
    if message_id is None:
        logger.warning("The first answer was not taken; the result will be a message of its own")
        return

    channel_id = interaction.channel_id or job.channel_id
    await store_placeholder(interaction.client, job, channel_id, message_id, interaction.token)


async def store_placeholder(
    client: Atelier, job: Job, channel_id: int, message_id: int, token: str | None
) -> None:
    """Remember the message that progress and result are edited into."""

    def store() -> bool:
        with client.studio.database.begin() as session:
            return set_placeholder(
                session, job.id, channel_id=channel_id, message_id=message_id, interaction_token=token
            )

    if not await asyncio.to_thread(store):
        client.remover.wake.set()


def made_already_text(job: Job, place: QueuePosition | None) -> str:
    """What whoever asks a second time for what is being made is told."""
    text = _("That is being made already, so nothing new was begun: `{job}`", job=job.id)
    shown = job.placeholder_message_id is not None and not job.ephemeral
    where = (
        f"https://discord.com/channels/{job.guild_id or '@me'}/{job.channel_id}/{job.placeholder_message_id}"
    )
    return "\n".join([text, place_text(job, place), *([where] if shown else [])])


async def _give(interaction: discord.Interaction[Atelier], post: Post, *, private: bool) -> int | None:
    """Answer; the message's id, or None where Discord will not take an answer any more.

    After an error nobody knows whether the answer arrived, so Discord is asked before it is given again.
    """
    for _attempt in range(_ATTEMPTS):
        try:
            if interaction.response.is_done():
                return (await interaction.edit_original_response(**post.for_edit())).id
            answer = await interaction.response.send_message(**post.for_send(), ephemeral=private)
            return answer.message_id
        except (discord.HTTPException, aiohttp.ClientError) as error:
            logger.info("The first answer met %r", error)
        try:
            return (await interaction.original_response()).id
        except (discord.HTTPException, aiohttp.ClientError):
            continue
    return None
