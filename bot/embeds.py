"""Embeds: a job's facts, and a page of history."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from actions.history import HistoryPage
from actions.info import JobInfo
from bot.text import STATE_WORDS, credits, duration, history_line, place_text, shown_prompt
from core.errors import BadOption
from core.grid import image_request
from core.parameters import parse_parameters
from core.prompt.spoken import spoken
from core.request import Request
from core.stages import Denoise, EncodeText, RestoreFaces, Upscale
from core.text import escape_markdown, lines_within, shorten
from core.words import _

#: Characters that Discord allows an embed's description, and (a little less than) those of a field.
_TEXT_LENGTH = 4096
_FIELD_LENGTH = 1000
_CHOICES_SHOWN = 240


def info_embed(told: JobInfo) -> discord.Embed:
    """How a job's pictures are made, and how far it is."""
    job = told.job
    embed = discord.Embed(
        title=f"{job.id} · {_(STATE_WORDS[job.state])}", description=shown_prompt(job, 1500)
    )
    facts = {
        **(facts_of(job.request) if job.readable else {}),
        _("Choices drawn"): _choices(job.request) if job.readable else "",
        _("Price"): _("{price}, {charged} charged", price=credits(job.price), charged=job.charged),
        _("Made"): _made(told),
        _("Made from"): _parent(told),
        _("Note"): escape_markdown(shorten(_(job.error), _FIELD_LENGTH // 2)) if job.error else "",
        _("Not delivered"): _(told.undelivered) if told.undelivered else "",
    }
    for name, value in facts.items():
        if value:
            embed.add_field(name=name, value=value, inline=len(value) < 40)
    return embed


def history_embed(page: HistoryPage) -> discord.Embed:
    lines = [history_line(job, page.undelivered.get(job.id)) for job in page.jobs]
    wanted = page.wanted
    limits = [escape_markdown(part) for part in (wanted.search, wanted.model) if part]
    title = _("Your favourites") if wanted.favourites else _("Your pictures")
    if limits or wanted.favourites:
        empty = _("Nothing like that here.")
    else:
        empty = _("Nothing here yet. `/imagine` makes the first one.")
    return discord.Embed(
        title=shorten(" · ".join([title, *limits]), 200),
        description=lines_within(lines, _TEXT_LENGTH) or empty,
    )


def originals_embed(links: Sequence[str]) -> discord.Embed:
    """Signed addresses are long: an embed holds twice as many as a message."""
    return discord.Embed(description=lines_within(links, _TEXT_LENGTH) or _("There are no pictures."))


def list_embed(title: str, lines: Sequence[str], empty: str) -> discord.Embed:
    """Lines that say what there is."""
    return discord.Embed(title=title, description=lines_within(lines, _TEXT_LENGTH) or empty)


def parameters_embed(name: str, text: str | None) -> discord.Embed:
    """What a picture's file says of how it was made."""
    title = escape_markdown(shorten(name, 200))
    if text is None:
        return discord.Embed(title=title, description=_("This file does not say how it was made."))
    said = parse_parameters(text)
    embed = discord.Embed(title=title, description=escape_markdown(shorten(said.prompt, _TEXT_LENGTH // 2)))
    if said.negative:
        negative = escape_markdown(shorten(said.negative, _FIELD_LENGTH // 2))
        embed.add_field(name=_("Leave out"), value=negative, inline=False)
    settings = [f"{escape_markdown(name)}: {escape_markdown(value)}" for name, value in said.settings.items()]
    if settings:
        embed.add_field(name=_("Settings"), value=lines_within(settings, _FIELD_LENGTH), inline=False)
    return embed


def facts_of(request: Request) -> dict[str, str]:
    """What was ordered, by the names that members know; "" is what is not there."""
    seeds = [str(request.image_seed(index)) for index in range(request.count)]
    return {
        _("Leave out"): escape_markdown(shorten(_negative(request), _FIELD_LENGTH // 2)),
        _("Model"): escape_markdown(request.model),
        _("Style"): escape_markdown(request.style or ""),
        _("Grid"): escape_markdown(
            "; ".join(f"{axis.name} {', '.join(axis.values)}" for axis in request.axes)
        ),
        _("Seed"): ", ".join(dict.fromkeys(seeds)) if request.is_drawn else "",
        _("Size"): "" if request.size is None else "{}×{}".format(*request.size),
        _("Upscaled"): ", ".join(
            _("{scale}× by {upscaler}", scale=stage.scale, upscaler=escape_markdown(stage.upscaler))
            for stage in request.stages
            if isinstance(stage, Upscale)
        ),
        _("Faces"): escape_markdown(
            ", ".join(stage.restorer for stage in request.stages if isinstance(stage, RestoreFaces))
        ),
        _("LoRAs"): escape_markdown(
            ", ".join(f"{adapter.name} {adapter.weight:g}" for adapter in request.adapters)
        ),
        _("Clip skip"): _clip_skip(request),
        **_drawn([stage for stage in request.stages if isinstance(stage, Denoise)]),
    }


def _choices(request: Request) -> str:
    """What each picture's prompt became, a line each; "" where it says no choices."""
    images = [image_request(request, index) for index in range(request.count)]
    texts = [
        (stage, image.seed) for image in images for stage in image.stages if isinstance(stage, EncodeText)
    ]
    try:
        lines = [spoken(stage, seed).prompt_text for stage, seed in texts]
    except BadOption:
        # An order from before a limit was set.
        return ""
    if all(line == stage.prompt for line, (stage, _seed) in zip(lines, texts, strict=True)):
        return ""
    return lines_within([escape_markdown(shorten(line, _CHOICES_SHOWN)) for line in lines], _FIELD_LENGTH)


def _negative(request: Request) -> str:
    return next((stage.negative_prompt for stage in request.stages if isinstance(stage, EncodeText)), "")


def _clip_skip(request: Request) -> str:
    skips = [stage.clip_skip for stage in request.stages if isinstance(stage, EncodeText)]
    return str(skips[0]) if skips and skips[0] > 1 else ""


def _drawn(passes: Sequence[Denoise]) -> dict[str, str]:
    """How a picture was denoised, in one pass or, with hires fix, in two."""
    if not passes:
        return {}
    first, last = passes[0], passes[-1]
    strengths = [f"{one.strength:g}" for one in passes if one.strength is not None]
    variation = first.variation
    return {
        _("Sampler"): f"{escape_markdown(last.sampler)} ({last.schedule}), "
        + _("{number} steps", number=last.steps),
        _("Guidance"): f"{last.guidance_scale:g}",
        _("Strength"): ", ".join(strengths)
        + (f" ({_('hires fix')})" if len(passes) > 1 and strengths else ""),
        _("Part"): _("only what a mask shows") if last.mask is not None else "",
        _("Variation"): _(
            "{strength:g} towards seed {seed}", strength=variation.strength, seed=variation.seed
        )
        if variation
        else "",
        _("Follows"): escape_markdown(", ".join(f"{unit.model} {unit.scale:g}" for unit in last.controls)),
        _("Takes after"): escape_markdown(", ".join(f"{one.model} {one.scale:g}" for one in last.references)),
        _("Finer"): ", ".join(_finer(last)),
    }


def _finer(stage: Denoise) -> list[str]:
    """What hardly anybody changes, where it was."""
    told = {
        _("eta {value}", value=f"{stage.eta:g}"): stage.eta != 0,
        _("noise {value}", value=f"{stage.noise_scale:g}"): stage.noise_scale != 1,
        _("tiling"): stage.tiling,
    }
    return [words for words, is_special in told.items() if is_special]


def _parent(told: JobInfo) -> str:
    job = told.job
    if job.parent_id is None:
        return ""
    if job.replay_of is None:
        return f"`{job.parent_id}`"
    return _("`{job}` (exact rerun)", job=job.parent_id)


def _made(told: JobInfo) -> str:
    job = told.job
    if told.position is not None:
        return place_text(job, told.position)
    when = f"<t:{int(job.finished_at or job.created_at)}:f>"
    if job.started_at is None or job.finished_at is None:
        return when
    return _("{when}, in {time}", when=when, time=duration(job.finished_at - job.started_at))
