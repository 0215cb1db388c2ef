"""`/gallery`: publish, look through what is published, and say how the gallery works."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.gallery import (
    MAX_ACCOUNT_DAYS,
    MAX_THRESHOLD,
    set_account_age,
    set_channel,
    set_threshold,
    settings_here,
)
from actions.publish import Sure, WhichOne, publish, unpublish
from bot.discord_limits import Id
from bot.embeds import list_embed
from bot.gallery_pages import OpenPicture, Query, TurnGallery, show_page
from bot.gallery_text import account_age_text, channel_text, published_text, threshold_text
from bot.job_offers import offer_made, offer_published
from bot.people import person_of
from core.errors import BadOption, Refusal
from core.gallery import MAX_SEARCH_CHARACTERS, Order
from core.words import _

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

_ORDERS = [
    app_commands.Choice(name="newest first", value=Order.NEWEST.value),
    app_commands.Choice(name="most stars first", value=Order.TOP.value),
]


@app_commands.guild_only()
class GalleryCog(commands.GroupCog, name="gallery", description="Pictures that members published"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        client.add_dynamic_items(TurnGallery, OpenPicture)
        super().__init__()

    @app_commands.command(name="browse", description="Look through this server's gallery")
    @app_commands.describe(
        search="Words of the prompt, and #tags; all of them",
        order="Which come first",
        by="Only this member's",
    )
    @app_commands.choices(order=_ORDERS)
    async def browse(
        self,
        interaction: Used,
        search: app_commands.Range[str, 1, MAX_SEARCH_CHARACTERS] | None = None,
        order: str = Order.NEWEST.value,
        by: discord.User | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        words = " ".join((search or "").split())
        query = Query(order=Order(order), search=words, member_id=None if by is None else by.id)
        await show_page(interaction, query)

    @app_commands.command(name="publish", description="Show a picture of yours in this server's gallery")
    @app_commands.describe(
        id="Its id, as ℹ️ shows it",
        picture="Which one, where there are several",
        tags="Up to 8 words that it is found by, as #night",
        private="Yes, though only I see it so far",
    )
    @app_commands.autocomplete(id=offer_made)
    async def publish(
        self,
        interaction: Used,
        id: Id,
        picture: app_commands.Range[int, 1, 25] | None = None,
        tags: app_commands.Range[str, 1, 200] = "",
        private: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        client, index = self._client, None if picture is None else picture - 1
        person = person_of(interaction)
        try:
            done = await client.beside(publish, client.studio, person, id, index, tags=tags, sure=private)
        except WhichOne as which:
            numbers = ", ".join(str(made + 1) for made in which.made)
            raise BadOption("picture", "", _("it is one of {numbers}.", numbers=numbers)) from None
        except Sure as sure:
            raise Refusal(_("{why} `private:True` does it all the same.", why=sure)) from None
        await interaction.followup.send(published_text(done), ephemeral=True)

    @app_commands.command(name="unpublish", description="Take a picture out of the gallery")
    @app_commands.describe(id="Its id, as ℹ️ shows it")
    @app_commands.autocomplete(id=offer_published)
    async def unpublish(self, interaction: Used, id: Id) -> None:
        job = await asyncio.to_thread(unpublish, self._client.studio, person_of(interaction), id)
        await interaction.response.send_message(
            _("`{job}` is out of the gallery.", job=job.id), ephemeral=True
        )

    @app_commands.command(name="channel", description="For managers: where starred pictures are posted")
    @app_commands.describe(channel="Left out: nowhere")
    async def channel(self, interaction: Used, channel: discord.TextChannel | None = None) -> None:
        channel_id = None if channel is None else channel.id
        await asyncio.to_thread(set_channel, self._client.studio, person_of(interaction), channel_id)
        await interaction.response.send_message(channel_text(channel_id), ephemeral=True)

    @app_commands.command(
        name="threshold", description="For managers: stars that a picture needs to be posted"
    )
    @app_commands.describe(stars="How many votes")
    async def threshold(self, interaction: Used, stars: app_commands.Range[int, 1, MAX_THRESHOLD]) -> None:
        await asyncio.to_thread(set_threshold, self._client.studio, person_of(interaction), stars)
        await interaction.response.send_message(threshold_text(stars), ephemeral=True)

    @app_commands.command(name="age", description="For managers: how old an account has to be to vote")
    @app_commands.describe(days="Votes of accounts that are younger do not count")
    async def age(self, interaction: Used, days: app_commands.Range[int, 0, MAX_ACCOUNT_DAYS]) -> None:
        # Where there are many pictures, counting them anew takes longer than Discord waits.
        await interaction.response.defer(ephemeral=True, thinking=True)
        await asyncio.to_thread(set_account_age, self._client.studio, person_of(interaction), days)
        await interaction.followup.send(account_age_text(days), ephemeral=True)

    @app_commands.command(name="settings", description="How this server's gallery works")
    async def settings(self, interaction: Used) -> None:
        found = await asyncio.to_thread(settings_here, self._client.studio, person_of(interaction))
        lines = [
            channel_text(found.channel_id),
            threshold_text(found.threshold),
            account_age_text(found.min_account_days),
        ]
        await interaction.response.send_message(
            embed=list_embed(_("This server's gallery"), lines, ""), ephemeral=True
        )
