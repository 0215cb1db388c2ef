"""✉️: a job's pictures once more, in the direct messages of whoever asks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from actions.info import info
from actions.person import Person
from actions.studio import Studio
from bot.posts import ended_post
from core.errors import NotAllowed, NotFound, Refusal
from core.words import _
from db.copies import keep_copy

if TYPE_CHECKING:
    from bot.client import Atelier


async def send_copy(client: Atelier, person: Person, job_id: str) -> None:
    """Send the pictures, with their buttons where they are the person's own; they go when the job goes.

    Raises:
        Refusal: there are no pictures, they are not theirs to see, or their direct messages are closed.
    """
    told = await asyncio.to_thread(info, client.studio, person, job_id)
    if not told.made or not told.job.is_final:
        raise Refusal(_("There is no finished picture to send yet."))
    if told.job.age_restricted:
        raise NotAllowed(
            _("That was made in an age-restricted channel, and does not leave it for direct messages.")
        )
    post = await client.beside(
        ended_post, client.studio.storage, told.job, told.images, limit=client.limits.of(None)
    )
    if told.job.member_id != person.member_id:
        # In direct messages nobody acts on others' pictures: no server is there to say who may.
        post = replace(post, view=None)
    try:
        channel = await client.create_dm(discord.Object(person.member_id))
        sent = await channel.send(**post.for_send())
    except discord.Forbidden:
        raise Refusal(
            _("Your direct messages are closed to me. The server's privacy settings open them.")
        ) from None
    if not await asyncio.to_thread(_keep, client.studio, person, job_id, sent):
        client.wake()
        raise NotFound(_("There is no such picture."))


def _keep(studio: Studio, person: Person, job_id: str, sent: discord.Message) -> bool:
    """Remember the copy; False where the job went meanwhile."""
    with studio.database.begin() as session:
        return keep_copy(
            session, job_id, member_id=person.member_id, channel_id=sent.channel.id, message_id=sent.id
        )
