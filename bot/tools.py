"""🎛️: all that can be done with one picture, in a message that only whoever pressed sees."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from actions.info import JobInfo, info
from bot.asks import Ask
from bot.buttons import JobButton, job_template
from bot.items import LastingSelect, Press
from bot.people import person_of
from bot.picture_buttons import (
    PanDown,
    PanLeft,
    PanRight,
    PanUp,
    Pick,
    Upscale,
    UseAsInput,
    UseMap,
    Vary,
    VaryALittle,
    ZoomFarOut,
    ZoomOut,
)
from core.errors import NotFound
from core.grid import image_label
from core.jobs import ImageKind
from core.text import shorten
from core.words import _
from db.jobs import Job

#: Buttons that Discord allows a row.
_MAPS = 5


class Tools(JobButton, template=job_template("tools")):
    """Opens the tools; of several pictures one is chosen first."""

    verb = "tools"
    emoji = "🎛️"

    async def act(self, ask: Ask) -> None:
        told = await asyncio.to_thread(info, ask.client.studio, ask.person, self.job_id)
        if not told.made:
            raise NotFound(_("There is no picture to work with."))
        if len(told.made) == 1:
            await ask.offer(_("What next?"), tools_view(told, told.made[0]))
        else:
            menu = PictureMenu.of(told.job, told.made)
            await ask.offer(_("Which one?"), discord.ui.View(timeout=None).add_item(menu))


class PictureMenu(LastingSelect, template=r"pictures:(?P<job>[^:]{1,80})"):
    """Which of a job's pictures; then its tools."""

    def __init__(
        self, job_id: str, options: Sequence[discord.SelectOption] = (), row: int | None = None
    ) -> None:
        self.job_id = job_id
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"pictures:{job_id}", placeholder=_("Choose a picture"), options=list(options)
        )
        super().__init__(menu, row=row)

    @classmethod
    def of(cls, job: Job, made: Sequence[int], *, row: int | None = None) -> Self:
        """A menu of the pictures with these indices; Discord shows up to 25, and no job has more."""
        labels = {
            index: image_label(job.request, index) or _("Picture {number}", number=index + 1)
            for index in made
        }
        options = [
            discord.SelectOption(label=shorten(label, 100), value=str(index))
            for index, label in labels.items()
        ]
        return cls(job.id, options, row)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(match["job"])

    async def pressed(self, interaction: Press) -> None:
        # What Discord sends may be forged.
        chosen = next((value for value in self.item.values if value.isdigit() and len(value) < 3), "0")
        told = await asyncio.to_thread(info, interaction.client.studio, person_of(interaction), self.job_id)
        view = tools_view(told, int(chosen))
        label = image_label(told.job.request, int(chosen)) if told.job.request.axes else ""
        text = (
            _("What next with {picture}?", picture=label)
            if label
            else _("What next with picture {number}?", number=int(chosen) + 1)
        )
        if interaction.message is not None and interaction.message.flags.ephemeral:
            await interaction.response.edit_message(content=text, view=view)
        else:
            await interaction.response.send_message(text, view=view, ephemeral=True)


def tools_view(told: JobInfo, index: int) -> discord.ui.View:
    """What can be done with one picture of a job."""
    job = told.job
    view = discord.ui.View(timeout=None)
    for row, buttons in enumerate(
        ((VaryALittle, Vary, ZoomOut, ZoomFarOut), (PanLeft, PanRight, PanUp, PanDown), (UseAsInput, Upscale))
    ):
        for button in buttons:
            view.add_item(button(job.id, index, row=row))
    if job.request.count > 1:
        view.add_item(Pick(job.id, index, row=2))
    maps = [image.index for image in told.images if image.kind == ImageKind.MAP]
    for number in maps[:_MAPS]:
        label = None if len(maps) == 1 else _("Use map {number} as input", number=number + 1)
        view.add_item(UseMap(job.id, number, label=label, row=3))
    return view
