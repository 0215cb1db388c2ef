"""`/access`: who may draw how, with what and where."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.access import clear_rule, rules_here, set_rule
from actions.image_policy import policies_here, set_image_policy
from bot.embeds import list_embed
from bot.offers import offer_models
from bot.people import is_age_restricted, person_of
from core.access import WAYS, AccessRule, Place, Subject
from core.errors import Refusal
from core.moderation import ImagePolicy
from core.text import escape_markdown
from core.wordlist import Effect
from core.words import _, pgettext

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

_WAYS = [app_commands.Choice(name=way, value=way) for way in WAYS]
_POLICIES = [
    app_commands.Choice(name="block: dropped and refunded", value="block"),
    app_commands.Choice(name="spoiler: shown blurred, in age-restricted channels", value="spoiler"),
    app_commands.Choice(name="quarantine: kept until a moderator has looked", value="quarantine"),
]
_EFFECTS = [
    app_commands.Choice(name="allow: only where or with what is allowed", value="allow"),
    app_commands.Choice(name="deny: not there, or not with that role", value="deny"),
    app_commands.Choice(name="no rule", value="none"),
]


@app_commands.guild_only()
class AccessCog(commands.GroupCog, name="access", description="Who may draw how, with what and where"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        super().__init__()

    @app_commands.command(name="set", description="For managers: a rule for a command or model")
    @app_commands.describe(
        effect="What it does",
        command="A way to draw, by whatever button",
        model="Or a model",
        role="For whom",
        channel="Or where; its threads go with it",
    )
    @app_commands.choices(effect=_EFFECTS, command=_WAYS)
    @app_commands.autocomplete(model=offer_models)
    async def set(
        self,
        interaction: Used,
        effect: str,
        command: str | None = None,
        model: app_commands.Range[str, 1, 100] | None = None,
        role: discord.Role | None = None,
        channel: discord.TextChannel | None = None,
    ) -> None:
        if (command is None) == (model is None):
            raise Refusal(_("A rule is about a **command** or a **model**, one of them."))
        if (role is None) == (channel is None):
            raise Refusal(_("A rule is for a **role** or a **channel**, one of them."))
        place = Place.ROLE if role is not None else Place.CHANNEL
        place_id = role.id if role is not None else channel.id if channel is not None else 0
        rule = AccessRule(
            subject=Subject.COMMAND if command is not None else Subject.MODEL,
            name=command or model or "",
            effect=Effect.DENY if effect == "none" else Effect(effect),
            place=place,
            place_id=place_id,
        )
        change = clear_rule if effect == "none" else set_rule
        await asyncio.to_thread(change, self._client.studio, person_of(interaction), rule)
        done = _("No rule any more") if effect == "none" else _line(rule)
        await interaction.response.send_message(done, ephemeral=True)

    @app_commands.command(name="list", description="The rules of this server")
    async def show(self, interaction: Used) -> None:
        found = await asyncio.to_thread(rules_here, self._client.studio, person_of(interaction))
        empty = _("There are no rules: everybody may draw everything everywhere.")
        await interaction.response.send_message(
            embed=list_embed(_("Who may draw how"), [_line(rule) for rule in found], empty), ephemeral=True
        )

    @app_commands.command(
        name="images", description="For managers: what becomes of pictures that the safety checker flags"
    )
    @app_commands.describe(
        policy="What becomes of them; without it, the choices made so far are shown",
        channel="Where, its threads too; without it: wherever nothing else was chosen",
    )
    @app_commands.choices(policy=_POLICIES)
    async def images(
        self, interaction: Used, policy: str | None = None, channel: discord.TextChannel | None = None
    ) -> None:
        studio, person = self._client.studio, person_of(interaction)
        if policy is not None:
            await asyncio.to_thread(
                set_image_policy,
                studio,
                person,
                ImagePolicy(policy),
                channel_id=None if channel is None else channel.id,
                age_restricted=is_age_restricted(channel),
            )
        found = await asyncio.to_thread(policies_here, studio, person)
        # Translators: a place: in all (other) channels.
        rest = _("Elsewhere") if len(found) > 1 else _("Everywhere")
        lines = [
            _policy_line(rest if place == interaction.guild_id else f"<#{place}>", chosen)
            for place, chosen in found.items()
        ]
        empty = _("They are dropped and refunded, in every channel.")
        embed = list_embed(_("What the safety checker flags"), lines, empty)
        await interaction.response.send_message(embed=embed, ephemeral=True)


def _policy_line(where: str, policy: ImagePolicy) -> str:
    chosen = next(choice.name for choice in _POLICIES if choice.value == policy.value)
    return f"{where}: **{pgettext('choice', str(chosen))}**"


def _line(rule: AccessRule) -> str:
    shown = f"<@&{rule.place_id}>" if rule.place == Place.ROLE else f"<#{rule.place_id}>"
    of_command = rule.subject == Subject.COMMAND
    name = escape_markdown(pgettext("command", rule.name) if of_command else rule.name)
    if of_command:
        said = _("**allow** command /{name}: {where}"), _("**deny** command /{name}: {where}")
    else:
        said = _("**allow** model {name}: {where}"), _("**deny** model {name}: {where}")
    return said[rule.effect == Effect.DENY].format(name=name, where=shown)
