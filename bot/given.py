"""Pictures that a member hands to a command: an attachment, or the one they hold."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord

from actions.person import Person
from actions.use_as_input import input_in_hand
from bot.downloads import Downloads
from core.errors import Refusal
from core.inputs import Input, keep_input
from core.masks import fitting_mask
from core.pictures import Picture, read_mask, read_picture
from core.words import _

if TYPE_CHECKING:
    from bot.client import Atelier

#: Pictures decoded at once: a large one takes several hundred megabytes meanwhile.
_AT_ONCE = 2


class GivenPictures:
    """Fetches, decodes and stores. Every method raises Refusal where a picture will not do."""

    def __init__(self, client: Atelier, downloads: Downloads) -> None:
        self._client = client
        self._downloads = downloads
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def input(self, person: Person, option: str, attachment: discord.Attachment | None) -> Input:
        """The attached picture, stored; without one, the picture that the person holds."""
        if attachment is None:
            return await asyncio.to_thread(input_in_hand, self._client.studio, person)
        picture = await self.read(option, attachment.filename, attachment.url)
        return await self._client.beside(keep_input, self._client.studio.storage, picture.image)

    async def masked(
        self,
        person: Person,
        image: discord.Attachment | None,
        mask: discord.Attachment | None,
        *,
        needed: bool,
    ) -> tuple[Input, Input | None]:
        """A picture and which part of it is drawn anew: a mask, or what is see-through in the picture.

        Args:
            needed: False where something else says which part, if there is no mask.
        """
        storage = self._client.studio.storage
        if image is None:
            source, hole = await self.input(person, "image", None), None
        else:
            picture = await self.read("image", image.filename, image.url)
            source, hole = await self._client.beside(keep_input, storage, picture.image), picture.transparent
        if mask is not None:
            part = await self.read("mask", mask.filename, mask.url)
            size = (source.width, source.height)
            hole = await self._client.beside(fitting_mask, read_mask(part), size, name=mask.filename)
        if mask is None and not needed:
            return source, None
        if hole is None:
            raise Refusal(
                _(
                    "Which part? Attach a **mask** (white is drawn anew, black stays), say it in words with "
                    "**find**, or attach a picture with a see-through part."
                )
            )
        return source, await self._client.beside(keep_input, storage, hole)

    async def read(self, option: str, name: str, url: str) -> Picture:
        """A file, decoded."""
        return await self.decode(option, name, await self._downloads.fetch(option, name, url))

    async def decode(self, option: str, name: str, data: bytes) -> Picture:
        async with self._turns:
            return await self._client.beside(read_picture, option, name, data)

    async def fetch(self, option: str, name: str, url: str) -> bytes:
        """A file as it is."""
        return await self._downloads.fetch(option, name, url)

    async def fetch_of(self, message: discord.Message) -> tuple[str, bytes]:
        """Name and bytes of a message's first picture, whoever wrote it."""
        name, url = picture_of(message)
        return name, await self._downloads.fetch("picture", name, url)


def picture_of(message: discord.Message) -> tuple[str, str]:
    """Name and address of a message's first picture: attached, or shown from a link. Raises Refusal."""
    for attachment in message.attachments:
        # Discord tells a size where it can show a picture.
        if attachment.width is not None:
            return attachment.filename, attachment.url
    for embed in message.embeds:
        for shown in (embed.image, embed.thumbnail):
            if shown.proxy_url:
                return _("linked picture"), shown.proxy_url
    raise Refusal(_("That message shows no picture."))
