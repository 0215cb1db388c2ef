"""Which buttons a result carries: at most five rows of five."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.buttons import (
    Delete,
    Favourite,
    Info,
    JobButton,
    NewSeed,
    Originals,
    Remix,
    Report,
    Rerun,
    ToMyMessages,
)
from bot.gallery_buttons import Publish
from bot.picture_buttons import PanDown, PanLeft, PanRight, PanUp, Upscale, UseAsInput, Vary, ZoomOut
from bot.tools import PictureMenu, Tools
from core.jobs import ImageKind
from core.stages import DenoiseTiles, EncodeText, UpscaleLatents
from db.images import StoredImage
from db.jobs import Job


def result_view(job: Job, images: Sequence[StoredImage], *, shrunk: bool) -> discord.ui.View:
    """What can be done with a job that has ended.

    Args:
        images: its results, and its grid.
        shrunk: the pictures are shown smaller than they are.
    """
    view = discord.ui.View(timeout=None)
    made = sorted(image.index for image in images if image.kind == ImageKind.RESULT)
    for button in _about_the_job(job):
        view.add_item(button(job.id, row=0))
    if made and job.readable:
        _add_next_steps(view, job, made)
    for button in _with_the_pictures(job, made, shrunk=shrunk):
        view.add_item(button(job.id, row=4))
    return view


def _add_next_steps(view: discord.ui.View, job: Job, made: Sequence[int]) -> None:
    """What can be made of the pictures."""
    if not _is_drawn(job):
        view.add_item(Upscale(job.id, made[0], row=1))
        view.add_item(UseAsInput(job.id, made[0], row=1))
    elif job.request.axes:
        view.add_item(PictureMenu.of(job, made, row=1))
    elif job.request.count > 1:
        for index in made:
            view.add_item(Upscale(job.id, index, label=f"U{index + 1}", row=1))
            view.add_item(Vary(job.id, index, label=f"V{index + 1}", row=2))
        view.add_item(Tools(job.id, row=3))
    else:
        view.add_item(Tools(job.id, row=1))
        view.add_item(Upscale(job.id, made[0], row=1))
        view.add_item(ZoomOut(job.id, made[0], row=1))
        for pan in (PanLeft, PanRight, PanUp, PanDown):
            view.add_item(pan(job.id, made[0], row=2))


def _with_the_pictures(job: Job, made: Sequence[int], *, shrunk: bool) -> list[type[JobButton]]:
    """Where the pictures go, and who hears of them."""
    kept = [Favourite, ToMyMessages] if made else []
    published = [Publish] if made and job.guild_id is not None else []
    in_public = [Report] if made and job.guild_id is not None and not job.ephemeral else []
    return [*kept, *published, *in_public, *([Originals] if shrunk else [])]


def _about_the_job(job: Job) -> list[type[JobButton]]:
    new_seed = [NewSeed] if job.request.is_drawn else []
    remix = [Remix] if _is_drawn(job) else []
    return [Rerun, *new_seed, *remix, Info, Delete]


def _is_drawn(job: Job) -> bool:
    """Drawn from words, so that it can be varied and gone on with."""
    enlarged = any(isinstance(stage, DenoiseTiles | UpscaleLatents) for stage in job.request.stages)
    said = any(isinstance(stage, EncodeText) for stage in job.request.stages)
    return job.request.is_drawn and said and not enlarged
