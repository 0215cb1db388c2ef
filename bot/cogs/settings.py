"""`/settings`: defaults of a member, a channel and a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from actions.settings import preferences, reset_settings, set_setting, settings_at
from bot.discord_limits import MOST_CHOICES
from bot.embeds import list_embed
from bot.offers import SHAPES, offer_models, offer_styles
from bot.people import person_of
from bot.speaking import language_for
from core.errors import BadOption
from core.preferences import NO, SETTING_WORDS, YES, Level, Preference, Setting
from core.samplers import SAMPLERS
from core.styles import STYLES
from core.text import escape_markdown, shorten
from core.words import N_, _, language_name, languages, speaking

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

Value = app_commands.Range[str, 1, 100]

_SETTINGS = [app_commands.Choice(name=words, value=setting.value) for setting, words in SETTING_WORDS.items()]
_OF_CHANNELS = [choice for choice in _SETTINGS if choice.value != Setting.LANGUAGE]
_WHOSE = {Level.MEMBER: N_("yours"), Level.CHANNEL: N_("this channel's"), Level.SERVER: N_("this server's")}
_COMMANDS = {
    Level.MEMBER: ("me", "Your own defaults, wherever you are"),
    Level.CHANNEL: ("channel", "For managers: defaults in this channel and its threads"),
    Level.SERVER: ("server", "For managers: defaults in this server"),
}
_DESCRIBED = {
    "setting": "Which one; left out: all are shown",
    "value": "What to use where a command leaves it out",
    "reset": "Forget it, or all of them",
}


async def offer_values(interaction: Used, typed: str) -> list[app_commands.Choice[str]]:
    """Values of the setting that was chosen, those first that contain what is typed."""
    setting = str(getattr(interaction.namespace, "setting", ""))
    if setting == Setting.MODEL:
        return await offer_models(interaction, typed)
    if setting == Setting.STYLE:
        return await offer_styles(interaction, typed)
    wanted = typed.strip().casefold()
    shown = [(value, name) for value, name in _values(setting) if wanted in f"{value}\n{name}".casefold()]
    return [app_commands.Choice(name=shorten(name, 100), value=value) for value, name in shown][:MOST_CHOICES]


class SettingsCog(
    commands.GroupCog, name="settings", description="What is used where a command leaves it out"
):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        super().__init__()
        assert self.app_command is not None, "it is a group"
        for level in Level:
            self.app_command.add_command(_command(self, level))

    async def change(
        self, interaction: Used, level: Level, name: str | None, value: str | None, *, reset: bool
    ) -> None:
        """Set or reset what was named, and show what is set."""
        studio, person = self._client.studio, person_of(interaction)
        setting = Setting(name) if name is not None else None
        if value is not None and reset:
            raise BadOption("reset", value, _("give a value, or reset it; not both."))
        if value is not None:
            if setting is None:
                raise BadOption("value", value, _("say with **setting** what it is for."))
            await asyncio.to_thread(set_setting, studio, person, level, setting, value)
        elif reset:
            await asyncio.to_thread(reset_settings, studio, person, level, setting)
        # A new language is spoken from here on.
        with speaking(await language_for(self._client, interaction.user.id, interaction.locale.value)):
            await interaction.response.send_message(
                embed=await self._shown(interaction, level), ephemeral=True
            )

    async def _shown(self, interaction: Used, level: Level) -> discord.Embed:
        studio, person = self._client.studio, person_of(interaction)
        if level != Level.MEMBER:
            own = await asyncio.to_thread(settings_at, studio, person, level)
            lines = [_line(setting, value) for setting, value in own.items()]
            title = _("Defaults of this channel") if level == Level.CHANNEL else _("Defaults of this server")
            return list_embed(title, lines, _("Nothing is set here."))
        heeded = await asyncio.to_thread(preferences, studio, person)
        lines = [_heeded_line(setting, chosen) for setting, chosen in heeded.items()]
        return list_embed(
            _("Your defaults here"), lines, _("Nothing is set: each model's own defaults are used.")
        )


def _command(cog: SettingsCog, level: Level) -> app_commands.Command[Any, ..., None]:
    name, description = _COMMANDS[level]

    @app_commands.command(name=name, description=description)
    @app_commands.describe(**_DESCRIBED)
    @app_commands.choices(setting=_OF_CHANNELS if level == Level.CHANNEL else _SETTINGS)
    @app_commands.autocomplete(value=offer_values)
    async def used(
        interaction: Used, setting: str | None = None, value: Value | None = None, reset: bool = False
    ) -> None:
        await cog.change(interaction, level, setting, value, reset=reset)

    used.guild_only = level != Level.MEMBER
    return used


def _values(setting: str) -> list[tuple[str, str]]:
    """(value, name) of what can be chosen; nothing for what is typed."""
    match setting:
        case Setting.LANGUAGE:
            return [(language, language_name(language)) for language in languages()]
        case Setting.STYLE:
            return [(style, _(style)) for style in STYLES]
        case Setting.SIZE:
            return [(shape, f"{shape} ({_(name)})") for shape, name in SHAPES.items()]
        case Setting.SAMPLER:
            return [(sampler, sampler) for sampler in SAMPLERS]
        case Setting.COUNT:
            return [(str(count), str(count)) for count in range(1, 5)]
        case Setting.PRIVATE:
            return [(YES, _("yes")), (NO, _("no"))]
    return []


def _heeded_line(setting: Setting, chosen: Preference) -> str:
    return f"{_line(setting, chosen.value)} ({_(_WHOSE[chosen.level])})"


def _line(setting: Setting, value: str) -> str:
    shown = dict(_values(setting)).get(value, value)
    return f"**{_(SETTING_WORDS[setting])}** {escape_markdown(shown)}"
