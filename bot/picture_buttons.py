"""Buttons about one picture of a job: their ids carry a verb, the job's id and which picture it is.

Like those about a whole job (`bot.buttons`) they work for years, and `actions/` checks every press.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Self

import discord

from actions.info import info
from actions.pick import pick
from actions.reframe import pan, zoom_out
from actions.upscale import upscale_result
from actions.use_as_input import use_result
from actions.vary import STRONG, SUBTLE, vary
from bot.asks import Ask, Pressed
from bot.buttons import JobButton, job_template
from bot.discord_limits import MOST_BUTTONS
from bot.items import LastingButton, Press
from core.errors import NotFound
from core.jobs import ImageKind
from core.words import N_, _
from db.jobs import Job

HELD_TEXT = N_(
    "Held for 15 minutes: `/img2img`, `/inpaint` and others that take a picture use it where you attach none."
)


class PictureButton(LastingButton, template=r"(?!)"):
    """A button about one picture. Subclasses give its verb and looks, and what is made of the picture."""

    verb: ClassVar[str]
    emoji: ClassVar[str | None] = None
    text: ClassVar[str | None] = None
    #: Makes a job of (studio, person, how they asked, the job's id, which picture).
    action: ClassVar[Callable[..., Job]]

    def __init__(self, job_id: str, index: int, *, label: str | None = None, row: int | None = None) -> None:
        self.job_id = job_id
        self.index = index
        text = None if self.text is None else _(self.text)
        button: discord.ui.Button[Any] = discord.ui.Button(
            emoji=self.emoji if label is None else None,
            label=label or text,
            custom_id=f"{self.verb}:{job_id}:{index}",
        )
        super().__init__(button, row=row)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(match["job"], int(match["index"]))

    async def pressed(self, interaction: Press) -> None:
        await self.act(Pressed(interaction))

    async def act(self, ask: Ask) -> None:
        """Answer with the job that the action makes of the picture; errors raised here are answered."""
        client, action = ask.client, type(self).action
        await ask.make(
            lambda person, asked: client.beside(
                action, client.studio, person, asked, self.job_id, self.index
            ),
            like=self.job_id,
        )


def picture_template(verb: str) -> str:
    return rf"{verb}:(?P<job>[^:]{{1,80}}):(?P<index>\d{{1,2}})"


class Vary(PictureButton, template=picture_template("vary")):
    """Neighbours that differ clearly."""

    verb = "vary"
    text = N_("Vary (strong)")
    action = partial(vary, strength=STRONG)


class VaryALittle(PictureButton, template=picture_template("nudge")):
    """Neighbours that differ a little."""

    verb = "nudge"
    text = N_("Vary (subtle)")
    action = partial(vary, strength=SUBTLE)


class ZoomOut(PictureButton, template=picture_template("zoom")):
    verb = "zoom"
    emoji = "🔍"
    text = N_("Zoom out 1.5×")
    action = partial(zoom_out, factor=1.5)


class ZoomFarOut(PictureButton, template=picture_template("zoom2")):
    verb = "zoom2"
    emoji = "🔭"
    text = N_("Zoom out 2×")
    action = partial(zoom_out, factor=2.0)


class PanLeft(PictureButton, template=picture_template("left")):
    verb = "left"
    emoji = "◀️"
    action = partial(pan, across=-1, down=0)


class PanRight(PictureButton, template=picture_template("right")):
    verb = "right"
    emoji = "▶️"
    action = partial(pan, across=1, down=0)


class PanUp(PictureButton, template=picture_template("up")):
    verb = "up"
    emoji = "🔼"
    action = partial(pan, across=0, down=-1)


class PanDown(PictureButton, template=picture_template("down")):
    verb = "down"
    emoji = "🔽"
    action = partial(pan, across=0, down=1)


class Upscale(PictureButton, template=picture_template("upscale")):
    """The picture with twice its sides."""

    verb = "upscale"
    emoji = "⬆️"
    text = N_("Upscale 2×")
    action = upscale_result


class Pick(PictureButton, template=picture_template("pick")):
    """The picture once more, alone, with all that can be done with a single one."""

    verb = "pick"
    emoji = "☝️"
    text = N_("On its own")
    action = pick


class UseAsInput(PictureButton, template=picture_template("use")):
    verb = "use"
    emoji = "📥"
    text = N_("Use as input")
    kind: ClassVar[ImageKind] = ImageKind.RESULT

    async def act(self, ask: Ask) -> None:
        await ask.wait()
        studio = ask.client.studio
        await ask.client.beside(use_result, studio, ask.person, self.job_id, self.index, kind=self.kind)
        await ask.tell(_(HELD_TEXT))


class UseMap(UseAsInput, template=picture_template("usemap")):
    """A map that was drawn for the job, for `/control` to follow again."""

    verb = "usemap"
    emoji = "🗺️"
    text = N_("Use its map as input")
    kind = ImageKind.MAP


class OneOf(JobButton, template=r"(?!)"):
    """Does with a job's picture what another button does; of several pictures one is chosen first."""

    button: ClassVar[type[PictureButton]]

    async def act(self, ask: Ask) -> None:
        told = await asyncio.to_thread(info, ask.client.studio, ask.person, self.job_id)
        made = told.made
        if not made:
            raise NotFound(_("There is no picture."))
        if len(made) == 1:
            await self.button(self.job_id, made[0]).act(ask)
            return
        view = discord.ui.View(timeout=None)
        for index in made[:MOST_BUTTONS]:
            view.add_item(self.button(told.job.id, index, label=_("Picture {number}", number=index + 1)))
        await ask.offer(_("Which one?"), view)


class UpscaleOne(OneOf, template=job_template("upscale-one")):
    verb = "upscale-one"
    emoji = "⬆️"
    by_reaction = True
    button = Upscale


class UseOne(OneOf, template=job_template("use-one")):
    verb = "use-one"
    emoji = "📥"
    button = UseAsInput


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
