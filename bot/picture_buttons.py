"""Buttons about one picture of a job: their ids carry a verb, the job's id and which picture it is.

Like those about a whole job (`bot.buttons`) they work for years, and `actions/` checks every press.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, ClassVar, Self

import discord

from actions.info import info
from actions.pick import pick
from actions.reframe import pan, zoom_out
from actions.upscale import upscale_result
from actions.use_as_input import use_result
from actions.vary import STRONG, SUBTLE, vary
from bot.buttons import Press
from bot.errors import answer_error, say_privately
from bot.people import person_of
from core.jobs import ImageKind
from db.jobs import Job

HELD_TEXT = (
    "Held for 15 minutes: `/img2img`, `/inpaint` and others that take a picture use it where you attach none."
)


class PictureButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"(?!)"):
    """A button about one picture. Subclasses give its verb and looks, and say what a press does."""

    verb: ClassVar[str]
    emoji: ClassVar[str | None] = None
    text: ClassVar[str | None] = None

    def __init__(self, job_id: str, index: int, *, label: str | None = None, row: int | None = None) -> None:
        self.job_id = job_id
        self.index = index
        emoji = self.emoji if label is None else None
        button: discord.ui.Button[Any] = discord.ui.Button(
            emoji=emoji, label=label or self.text, custom_id=f"{self.verb}:{job_id}:{index}"
        )
        super().__init__(button, row=row)

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["job"], int(match["index"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.pressed(interaction)
        except Exception as error:
            await answer_error(interaction, error)

    async def pressed(self, interaction: Press) -> None:
        """What a press does; errors raised here are answered."""
        raise NotImplementedError

    async def make(self, interaction: Press, action: Callable[..., Job], **options: object) -> None:
        """Answer with the job that an action makes of the picture; it is seen by whoever sees the picture."""
        client, person = interaction.client, person_of(interaction)
        told = await asyncio.to_thread(info, client.studio, person, self.job_id)
        await client.answer_with_job(
            interaction,
            lambda asked: client.beside(
                action, client.studio, person, asked, self.job_id, self.index, **options
            ),
            private=told.job.ephemeral,
        )


def _template(verb: str) -> str:
    return rf"{verb}:(?P<job>[^:]{{1,80}}):(?P<index>\d{{1,2}})"


class Vary(PictureButton, template=_template("vary")):
    """Neighbours that differ clearly."""

    verb = "vary"
    text = "Vary (strong)"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, vary, strength=STRONG)


class VaryALittle(PictureButton, template=_template("nudge")):
    """Neighbours that differ a little."""

    verb = "nudge"
    text = "Vary (subtle)"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, vary, strength=SUBTLE)


class ZoomOut(PictureButton, template=_template("zoom")):
    verb = "zoom"
    emoji = "🔍"
    text = "Zoom out 1.5×"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, zoom_out, factor=1.5)


class ZoomFarOut(PictureButton, template=_template("zoom2")):
    verb = "zoom2"
    emoji = "🔭"
    text = "Zoom out 2×"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, zoom_out, factor=2.0)


class PanLeft(PictureButton, template=_template("left")):
    verb = "left"
    emoji = "◀️"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, pan, across=-1, down=0)


class PanRight(PictureButton, template=_template("right")):
    verb = "right"
    emoji = "▶️"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, pan, across=1, down=0)


class PanUp(PictureButton, template=_template("up")):
    verb = "up"
    emoji = "🔼"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, pan, across=0, down=-1)


class PanDown(PictureButton, template=_template("down")):
    verb = "down"
    emoji = "🔽"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, pan, across=0, down=1)


class Upscale(PictureButton, template=_template("upscale")):
    """The picture with twice its sides."""

    verb = "upscale"
    emoji = "⬆️"
    text = "Upscale 2×"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, upscale_result)


class Pick(PictureButton, template=_template("pick")):
    """The picture once more, alone, with all that can be done with a single one."""

    verb = "pick"
    emoji = "🖼️"
    text = "On its own"

    async def pressed(self, interaction: Press) -> None:
        await self.make(interaction, pick)


class UseAsInput(PictureButton, template=_template("use")):
    verb = "use"
    emoji = "📥"
    text = "Use as input"
    kind: ClassVar[ImageKind] = ImageKind.RESULT

    async def pressed(self, interaction: Press) -> None:
        client, person = interaction.client, person_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await client.beside(use_result, client.studio, person, self.job_id, self.index, kind=self.kind)
        await say_privately(interaction, HELD_TEXT)


class UseMap(UseAsInput, template=_template("usemap")):
    """A map that was drawn for the job, for `/control` to follow again."""

    verb = "usemap"
    emoji = "🗺️"
    text = "Use its map as input"
    kind = ImageKind.MAP


PICTURE_BUTTONS: tuple[type[PictureButton], ...] = (
    Vary,
    VaryALittle,
    ZoomOut,
    ZoomFarOut,
    PanLeft,
    PanRight,
    PanUp,
    PanDown,
    Upscale,
    Pick,
    UseAsInput,
    UseMap,
)
