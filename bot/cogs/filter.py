"""`/filter`: what a server's prompts may not say, and what they may say all the same."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.prompt_filter import add, remove, rules
from bot.people import person_of
from core.errors import BadOption
from core.text import listed
from core.wordlist import MAX_PATTERN_CHARACTERS, Effect, Rule, RuleKind
from core.words import N_, _

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

_TYPED = 4000
_MOST_BYTES = 1_000_000
_LISTS = {Effect.DENY: N_("deny"), Effect.ALLOW: N_("allow")}
_EFFECTS = [
    app_commands.Choice(name="deny: prompts with it are refused", value=Effect.DENY.value),
    app_commands.Choice(name="allow: fine, whatever else is denied", value=Effect.ALLOW.value),
]


@app_commands.guild_only()
class FilterCog(commands.GroupCog, name="filter", description="For moderators: what prompts may not say"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        super().__init__()

    @app_commands.command(name="words", description="Deny or allow words and phrases in prompts")
    @app_commands.describe(
        effect="What they do",
        words="Whole words or phrases, commas between them",
        file="A text file, one on each line",
    )
    @app_commands.choices(effect=_EFFECTS)
    async def words(
        self,
        interaction: Used,
        effect: str,
        words: app_commands.Range[str, 1, _TYPED] = "",
        file: discord.Attachment | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        terms = listed(words)
        if file is not None:
            if file.size > _MOST_BYTES:
                raise BadOption("file", file.filename, _("a list has up to 1 MB."))
            data = await self._client.given.fetch("file", file.filename, file.url)
            terms += listed(_decoded(file.filename, data))
        if not terms:
            raise BadOption("words", words, _("write some, or attach a text file with one on each line."))
        await self._add(interaction, effect, RuleKind.WORDS, terms)

    @app_commands.command(name="pattern", description="Deny or allow what a pattern (RE2) fits: whole words")
    @app_commands.describe(effect="What it does", pattern="A regular expression, as kill(er|ing)? .*")
    @app_commands.choices(effect=_EFFECTS)
    async def pattern(
        self, interaction: Used, effect: str, pattern: app_commands.Range[str, 1, MAX_PATTERN_CHARACTERS]
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._add(interaction, effect, RuleKind.PATTERN, [pattern])

    @app_commands.command(name="remove", description="Take words or a pattern off the lists")
    @app_commands.describe(text="A word, a phrase or a pattern, as it is written there")
    async def remove(
        self, interaction: Used, text: app_commands.Range[str, 1, MAX_PATTERN_CHARACTERS]
    ) -> None:
        gone = await asyncio.to_thread(remove, self._client.studio, person_of(interaction), [text])
        await interaction.response.send_message(_("Removed {number}.", number=gone), ephemeral=True)

    @app_commands.command(name="list", description="The lists as a file")
    async def show(self, interaction: Used) -> None:
        found = await asyncio.to_thread(rules, self._client.studio, person_of(interaction))
        lines = [f"{rule.effect.value}\t{rule.kind.value}\t{rule.text}" for rule in found]
        if not lines:
            await interaction.response.send_message(_("The lists are empty."), ephemeral=True)
            return
        file = discord.File(io.BytesIO("\n".join(lines).encode()), "filter.txt")
        await interaction.response.send_message(
            _("{number} on the lists.", number=len(lines)), file=file, ephemeral=True
        )

    async def _add(self, interaction: Used, effect: str, kind: RuleKind, texts: list[str]) -> None:
        asked = [Rule(effect=Effect(effect), kind=kind, text=text) for text in texts]
        # Ten thousand terms take a second to read.
        added = await self._client.beside(add, self._client.studio, person_of(interaction), asked)
        known = len(texts) - added
        lines = [_("Added {number} to {list}.", number=added, list=_(_LISTS[Effect(effect)]))]
        if known:
            lines.append(_("{number} on it already.", number=known))
        await interaction.followup.send(" ".join(lines), ephemeral=True)


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadOption("file", name, _("it has to be a text file in UTF-8.")) from None
