"""`/restore`: faces drawn anew, all else as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.person import Asked, Person
from actions.restore import restore
from bot.offers import offer_restorers
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier


class RestoreCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="restore", description="Make the faces of a picture clear again")
    @app_commands.describe(
        image="The picture; left out: the one that you chose with Use as input",
        fidelity="0 is the clearest face, 1 the one most like the picture; left out: what suits the restorer",
        restorer="What restores faces; left out: the first there is",
    )
    @app_commands.autocomplete(restorer=offer_restorers)
    async def restore(
        self,
        interaction: discord.Interaction[Atelier],
        image: discord.Attachment | None = None,
        fidelity: app_commands.Range[float, 0, 1] | None = None,
        restorer: str | None = None,
    ) -> None:
        client = self._client

        async def make(person: Person, asked: Asked) -> Job:
            source = await client.given.input(person, "image", image)
            return await client.beside(
                restore, client.studio, person, asked, source, restorer=restorer, fidelity=fidelity
            )

        await client.answer_with_job(interaction, make)
