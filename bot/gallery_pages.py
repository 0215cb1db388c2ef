"""Pages of the gallery, to one person alone: four pictures each; buttons open one, or turn the page."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any, Self

import discord

from actions.gallery import GalleryPage, browse, published_picture
from bot.gallery_posts import entry_view, pictures_of
from bot.gallery_text import entry_text, page_text
from bot.items import LastingButton, Press
from bot.people import person_of
from core.gallery import Order
from core.words import _
from db.gallery_pages import Cursor

#: Bytes of each picture of a page; opened, it is shown as it is.
_SMALL = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is looked for, as a button's id holds it."""

    order: Order
    search: str
    member_id: int | None
    #: Where the page begins; None is the first.
    after: Cursor | None = None

    @property
    def custom_id(self) -> str:
        after = "" if self.after is None else f"{self.after.votes}.{self.after.entry_id}"
        return f"gallery:{self.order.value[0]}:{self.member_id or 0}:{after}:{self.search}"


class TurnGallery(
    LastingButton,
    template=r"gallery:(?P<order>[nt]):(?P<member>\d{1,20}):(?P<after>(\d{1,9}\.\d{1,12})?):(?P<search>.{0,48})",
):
    """Shows a page in place of the one that is shown."""

    def __init__(self, query: Query) -> None:
        self.query = query
        label = _("First page") if query.after is None else _("Next page")
        button: discord.ui.Button[Any] = discord.ui.Button(label=label, custom_id=query.custom_id, row=1)
        super().__init__(button)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        votes, _dot, entry_id = match["after"].partition(".")
        query = Query(
            order=next(order for order in Order if order.value.startswith(match["order"])),
            search=match["search"],
            member_id=int(match["member"]) or None,
            after=Cursor(votes=int(votes), entry_id=int(entry_id)) if entry_id else None,
        )
        return cls(query)

    async def pressed(self, interaction: Press) -> None:
        await interaction.response.defer()
        await show_page(interaction, self.query)


class OpenPicture(LastingButton, template=r"gallery-open:(?P<entry>\d{1,18})"):
    """One picture, with what can be done with it."""

    def __init__(self, entry_id: int, *, label: str | None = None) -> None:
        self.entry_id = entry_id
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=label or _("Open"), custom_id=f"gallery-open:{entry_id}", row=0
        )
        super().__init__(button)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["entry"]))

    async def pressed(self, interaction: Press) -> None:
        client = interaction.client
        client.limits.learn(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        shown = await asyncio.to_thread(
            published_picture, client.studio, person_of(interaction), self.entry_id
        )
        limit = client.limits.of(interaction.guild_id)
        pictures = await client.beside(pictures_of, client.studio.storage, [shown], limit=limit)
        files = [picture.file() for picture in pictures]
        await interaction.followup.send(
            entry_text(shown), files=files, view=entry_view(shown), ephemeral=True
        )


async def show_page(interaction: Press, query: Query) -> None:
    """Make the acknowledged answer, or the message that was pressed, show a page."""
    client = interaction.client
    page = await asyncio.to_thread(
        browse,
        client.studio,
        person_of(interaction),
        order=query.order,
        search=query.search,
        member_id=query.member_id,
        after=query.after,
    )
    pictures = await client.beside(pictures_of, client.studio.storage, page.pictures, limit=_SMALL)
    await interaction.edit_original_response(
        content=page_text(page.pictures),
        attachments=[picture.file() for picture in pictures],
        view=_page_view(page, query),
    )


def _page_view(page: GalleryPage, query: Query) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for number, shown in enumerate(page.pictures, 1):
        view.add_item(OpenPicture(shown.entry.id, label=str(number)))
    first, following = (
        Query(order=query.order, search=query.search, member_id=query.member_id, after=after)
        for after in (None, page.after)
    )
    if query.after is not None:
        view.add_item(TurnGallery(first))
    if following.after is not None:
        view.add_item(TurnGallery(following))
    return view
