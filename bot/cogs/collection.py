"""`/collection`: pictures under names of one's own."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from actions.collect import (
    CollectionPage,
    collection_page,
    collections_of,
    drop_collection,
    keep,
    leave_out,
    new_collection,
    share,
)
from bot.discord_limits import MOST_CHOICES, Id
from bot.embeds import list_embed
from bot.items import LastingButton, Press
from bot.job_offers import offer_made
from bot.people import person_of
from bot.text import shown_prompt
from core.gallery import MAX_NAME_CHARACTERS
from core.text import escape_markdown
from core.words import _, ngettext
from db.collections import Collection

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

Name = app_commands.Range[str, 1, MAX_NAME_CHARACTERS]


async def offer_names(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    """One's own collections, or those that the chosen member shares."""
    person = person_of(interaction)
    owner = getattr(getattr(interaction.namespace, "member", None), "id", person.member_id)
    found = await asyncio.to_thread(collections_of, interaction.client.studio, person, owner)
    fitting = [one.name for one in found if typed.casefold() in one.name.casefold()]
    return [app_commands.Choice(name=name, value=name) for name in fitting[:MOST_CHOICES]]


@app_commands.guild_only()
class CollectionCog(commands.GroupCog, name="collection", description="Pictures under names of your own"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        client.add_dynamic_items(TurnCollection)
        super().__init__()

    @app_commands.command(name="new", description="Begin a collection, which only you see until you share it")
    @app_commands.describe(name="What is in it")
    async def new(self, interaction: Used, name: Name) -> None:
        made = await asyncio.to_thread(new_collection, self._client.studio, person_of(interaction), name)
        told = _("**{name}** is there. `/collection add` puts pictures into it.", name=escape_markdown(made))
        await interaction.response.send_message(told, ephemeral=True)

    @app_commands.command(name="add", description="Put a picture into a collection of yours")
    @app_commands.describe(name="Which collection", id="The picture's id", picture="Which one of several")
    @app_commands.autocomplete(name=offer_names, id=offer_made)
    async def add(
        self, interaction: Used, name: Name, id: Id, picture: app_commands.Range[int, 1, 25] = 1
    ) -> None:
        studio, person = self._client.studio, person_of(interaction)
        found = await asyncio.to_thread(keep, studio, person, name, id, picture - 1)
        told = _("It is in **{name}** now.", name=escape_markdown(found.name))
        await interaction.response.send_message(told, ephemeral=True)

    @app_commands.command(name="remove", description="Take a picture out of a collection, or drop all of it")
    @app_commands.describe(name="Which collection", id="The picture's id; left out: the whole collection")
    @app_commands.autocomplete(name=offer_names)
    async def remove(self, interaction: Used, name: Name, id: Id | None = None) -> None:
        studio, person = self._client.studio, person_of(interaction)
        if id is None:
            found = await asyncio.to_thread(drop_collection, studio, person, name)
            told = _(
                "**{name}** is gone; its pictures stay where they are.", name=escape_markdown(found.name)
            )
        else:
            found = await asyncio.to_thread(leave_out, studio, person, name, id)
            told = _("It is out of **{name}**.", name=escape_markdown(found.name))
        await interaction.response.send_message(told, ephemeral=True)

    @app_commands.command(name="share", description="Let this server look at a collection, or no longer")
    @app_commands.describe(name="Which collection", shared="Whether others may look at it")
    @app_commands.autocomplete(name=offer_names)
    async def share(self, interaction: Used, name: Name, shared: bool = True) -> None:
        studio, person = self._client.studio, person_of(interaction)
        found = await asyncio.to_thread(share, studio, person, name, shared=shared)
        shown = escape_markdown(found.name)
        if shared:
            told = _(
                "Others see **{name}** with `/collection show` now: of its pictures those that are open to "
                "them.",
                name=shown,
            )
        else:
            told = _("Only you see **{name}** now.", name=shown)
        await interaction.response.send_message(told, ephemeral=True)

    @app_commands.command(name="show", description="Look at collections: yours, or what others share")
    @app_commands.describe(name="Which one; left out: all", member="Whose; left out: yours")
    @app_commands.autocomplete(name=offer_names)
    async def show(
        self, interaction: Used, name: Name | None = None, member: discord.User | None = None
    ) -> None:
        studio, person = self._client.studio, person_of(interaction)
        owner = person.member_id if member is None else member.id
        if name is None:
            found = await asyncio.to_thread(collections_of, studio, person, owner)
            embed = list_embed(
                _("Collections"), [_line(one) for one in found], _("There is none to look at.")
            )
            await interaction.response.send_message(embed=embed, ephemeral=True)
            return
        page = await asyncio.to_thread(collection_page, studio, person, name, member_id=owner)
        await interaction.response.send_message(embed=_embed(page), view=_view(page), ephemeral=True)


class TurnCollection(
    LastingButton,
    template=r"collection:(?P<member>\d{1,20}):(?P<after>[0-9A-Z]{1,16}):(?P<name>.{1,50})",
):
    """Shows the page after a picture, in place of the one that is shown."""

    def __init__(self, member_id: int, after: str, name: str) -> None:
        self.member_id = member_id
        self.after = after
        self.name = name
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=_("Next page"), custom_id=f"collection:{member_id}:{after}:{name}"
        )
        super().__init__(button)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["member"]), match["after"], match["name"])

    async def pressed(self, interaction: Press) -> None:
        studio, person = interaction.client.studio, person_of(interaction)
        page = await asyncio.to_thread(
            collection_page, studio, person, self.name, member_id=self.member_id, after=self.after
        )
        await interaction.response.edit_message(embed=_embed(page), view=_view(page))


def _line(found: Collection) -> str:
    size = ngettext("{number} picture", "{number} pictures", found.size)
    seen = _("shared") if found.shared else _("only you see it")
    return f"**{escape_markdown(found.name)}** · {size} · {seen}"


def _embed(page: CollectionPage) -> discord.Embed:
    lines = [f"`{job.id}` {shown_prompt(job, 80)} · <@{job.member_id}>" for job in page.jobs]
    return list_embed(page.collection.name, lines, _("Nothing is in it yet."))


def _view(page: CollectionPage) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    if page.after is not None:
        view.add_item(TurnCollection(page.collection.member_id, page.after, page.collection.name))
    return view
