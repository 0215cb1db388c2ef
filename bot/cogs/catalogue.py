"""`/models`, `/loras` and `/styles`: what there is to draw with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.catalogue import addons, models
from actions.licences import awaiting
from actions.styles import styles
from bot.discord_limits import MOST_BUTTONS
from bot.embeds import list_embed
from bot.help_text import FLOOR
from bot.people import person_of
from bot.terms import AcceptTerms
from core.addon_spec import AddonKind, AddonSpec
from core.model_spec import ModelSpec
from core.text import escape_markdown, shorten
from core.words import _

if TYPE_CHECKING:
    from bot.client import Atelier

#: What a prompt calls up.
_WORDS = (AddonKind.LORA, AddonKind.LYCORIS, AddonKind.EMBEDDING)


class CatalogueCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="models", description="The models that can draw")
    async def models(self, interaction: discord.Interaction[Atelier]) -> None:
        found = await asyncio.to_thread(models, self._client.studio)
        waiting = await asyncio.to_thread(awaiting, self._client.studio)
        empty = _("No worker is running, so there is no model right now.")
        others = await asyncio.to_thread(addons, self._client.studio, *sorted(set(AddonKind) - set(_WORDS)))
        # What has no files comes under no licence of its own.
        helping = [spec for spec in others if spec.weights_hash]
        lines = [
            _(FLOOR),
            *map(_model_line, found),
            *map(_waiting_line, waiting),
            *map(_helper_line, helping),
        ]
        embed = list_embed(_("Models"), lines if found or waiting else [], empty)
        if waiting and person_of(interaction).is_owner:
            view = discord.ui.View(timeout=None)
            for licence in list(dict.fromkeys(spec.licence for spec in waiting))[:MOST_BUTTONS]:
                view.add_item(AcceptTerms(licence))
            await interaction.response.send_message(embed=embed, view=view, ephemeral=True)
        else:
            await interaction.response.send_message(embed=embed, ephemeral=True)

    @app_commands.command(name="loras", description="LoRAs and embeddings, and how to call them up")
    async def loras(self, interaction: discord.Interaction[Atelier]) -> None:
        found = await asyncio.to_thread(addons, self._client.studio, *_WORDS)
        empty = _("There are none yet. The owner can put some into the studio's folders.")
        await _show(interaction, _("LoRAs and embeddings"), [_addon_line(spec) for spec in found], empty)

    @app_commands.command(name="styles", description="Styles that go around your prompt")
    async def styles(self, interaction: discord.Interaction[Atelier]) -> None:
        found = await asyncio.to_thread(styles, self._client.studio, person_of(interaction))
        lines = [
            f"**{escape_markdown(style.name)}**: {escape_markdown(style.prompt)}" for style in found.values()
        ]
        await _show(interaction, _("Styles"), lines, _("There are none."))


async def _show(
    interaction: discord.Interaction[Atelier], title: str, lines: Sequence[str], empty: str
) -> None:
    await interaction.response.send_message(embed=list_embed(title, lines, empty), ephemeral=True)


def _model_line(spec: ModelSpec) -> str:
    sides = _("{side}×{side}, up to {most}", side=spec.native_side, most=spec.max_side)
    facts = escape_markdown(f"{spec.architecture} · {sides}")
    return f"**{escape_markdown(spec.title)}** `{spec.name}` · {facts} · {_licence(spec)}"


def _helper_line(spec: AddonSpec) -> str:
    """What works beside the models: upscalers, ControlNets, what finds things in pictures."""
    return f"{escape_markdown(spec.title)} · {spec.kind.replace('-', ' ')} · {_licence(spec)}"


def _waiting_line(spec: ModelSpec | AddonSpec) -> str:
    told = _("not offered until the owner of this studio accepts {licence}", licence=_licence(spec))
    return f"**{escape_markdown(spec.title)}** `{spec.name}` · {told}"


def _licence(spec: ModelSpec | AddonSpec) -> str:
    """Its licence's name, and where it can be read."""
    if spec.licence == "unknown":
        return _("licence unknown")
    name = escape_markdown(shorten(spec.licence, 60))
    return f"[{name}]({spec.licence_url})" if spec.licence_url else name


def _addon_line(spec: AddonSpec) -> str:
    call = spec.name if spec.kind == AddonKind.EMBEDDING else f"<lora:{spec.name}:0.8>"
    # Translators: words that call a LoRA up in a prompt.
    words = " · " + _("say {words}", words=", ".join(spec.trigger_words)) if spec.trigger_words else ""
    # Translators: for a kind of model, such as sdxl.
    fits = " · " + _("for {kind}", kind=spec.architecture) if spec.architecture else ""
    told = escape_markdown(shorten(words + fits, 200))
    return f"**{escape_markdown(spec.title)}** `{call}`{told} · {_licence(spec)}"
