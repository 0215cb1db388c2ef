"""`/privacy`: what the studio keeps about oneself, to take along or to have erased."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from actions.erase import erase
from actions.export import export
from bot.exports import send_export
from bot.items import LastingButton, Press
from bot.people import person_of
from core.errors import NotAllowed, Refusal
from core.words import _, ngettext

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]


class PrivacyCog(
    commands.GroupCog, name="privacy", description="What is kept about you: take it along, or erase it"
):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        #: Members whose archive is being made.
        self._exporting: set[int] = set()
        client.add_dynamic_items(Erase)
        super().__init__()

    @app_commands.command(name="export", description="Everything that is kept about you, as one archive")
    async def export(self, interaction: Used) -> None:
        client, person = self._client, person_of(interaction)
        if person.member_id in self._exporting:
            raise Refusal(_("Your archive is being made already."))
        self._exporting.add(person.member_id)
        try:
            await interaction.response.defer(ephemeral=True, thinking=True)
            limit = interaction.filesize_limit
            made = await client.beside(export, client.studio, person, limit=limit)
        finally:
            self._exporting.discard(person.member_id)
        text = _("Your pictures, and everything that is kept about you.")
        await send_export(interaction, made, f"atelier-{person.member_id}.zip", text)

    @app_commands.command(name="delete", description="Erase everything that is yours here, for good")
    async def delete(self, interaction: Used) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(Erase(interaction.user.id))
        text = _(
            "This erases your pictures, their messages, your history, settings, favourites, collections and "
            "credits, in every server that this studio serves. What waits or runs is stopped. It can't be "
            "undone. Bans that last stay, and the books keep sums that name nobody. `/privacy export` gives "
            "you everything first."
        )
        await interaction.response.send_message(text, view=view, ephemeral=True)


class Erase(LastingButton, template=r"erase-me:(?P<member>\d{1,20})"):
    """Erases whoever was asked whether they are sure."""

    def __init__(self, member_id: int) -> None:
        self.member_id = member_id
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=_("Erase everything"),
            style=discord.ButtonStyle.danger,
            custom_id=f"erase-me:{member_id}",
        )
        super().__init__(button)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["member"]))

    async def pressed(self, interaction: Press) -> None:
        client, person = interaction.client, person_of(interaction)
        if person.member_id != self.member_id:
            raise NotAllowed(_("That is for somebody else; `/privacy delete` is for you."))
        await interaction.response.edit_message(content=_("Being erased…"), view=None)
        batches, erased = erase(client.studio, person), 0
        while jobs := await client.beside(next, batches, None):
            erased += len(jobs)
            client.wake()
        done = ngettext(
            "Erased: {number} order, and everything else that was yours.",
            "Erased: {number} orders, and everything else that was yours.",
            erased,
        )
        await interaction.edit_original_response(content=done)
