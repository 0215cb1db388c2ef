"""`/mod`: bans, time-outs and strikes, what a member has against them, and which roles moderate."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.sanction import (
    MAX_REASON_CHARACTERS,
    Sanctioned,
    let_role_moderate,
    lift,
    member_record,
    sanction,
)
from bot.people import other_person, person_of
from bot.sanction_text import sanction_line, told_member
from bot.speaking import tell_member
from core.moderation import SanctionKind, read_duration
from core.text import lines_within
from core.words import _, ngettext

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

Reason = app_commands.Range[str, 1, MAX_REASON_CHARACTERS]
Duration = app_commands.Range[str, 2, 10]
#: Characters of an answer.
_LENGTH = 1900


@app_commands.guild_only()
class ModCog(commands.GroupCog, name="mod", description="For moderators: bans, time-outs, strikes"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        super().__init__()

    @app_commands.command(
        name="ban", description="Let a member make no pictures here; what waits is cancelled"
    )
    @app_commands.describe(
        member="Who", reason="They are told", duration="As 30m, 2h, 7d; left out: for good"
    )
    async def ban(
        self, interaction: Used, member: discord.User, reason: Reason, duration: Duration | None = None
    ) -> None:
        await self._sanction(interaction, member, SanctionKind.BAN, reason, duration)

    @app_commands.command(name="timeout", description="Let a member make no new pictures for a time")
    @app_commands.describe(member="Who", duration="As 30m, 2h, 7d", reason="They are told")
    async def time_out(
        self, interaction: Used, member: discord.User, duration: Duration, reason: Reason
    ) -> None:
        await self._sanction(interaction, member, SanctionKind.TIME_OUT, reason, duration)

    @app_commands.command(name="strike", description="Strike a member; the third that counts times them out")
    @app_commands.describe(member="Who", reason="They are told", duration="How long it counts; left out: 30d")
    async def strike(
        self, interaction: Used, member: discord.User, reason: Reason, duration: Duration | None = None
    ) -> None:
        await self._sanction(interaction, member, SanctionKind.STRIKE, reason, duration)

    @app_commands.command(name="lift", description="Lift what a member has against them")
    @app_commands.describe(member="Who", what="Bans, time-outs or strikes")
    @app_commands.choices(
        what=[app_commands.Choice(name=f"{kind.value}s", value=kind.value) for kind in SanctionKind]
    )
    async def lift(self, interaction: Used, member: discord.User, what: str) -> None:
        kind = SanctionKind(what)
        await interaction.response.defer(ephemeral=True, thinking=True)
        other = other_person(interaction, member)
        count = await asyncio.to_thread(lift, self._client.studio, person_of(interaction), other, kind)
        await interaction.followup.send(_lifted(kind, count, f"<@{member.id}>"), ephemeral=True)

    @app_commands.command(name="record", description="What a member has against them; your own, if left out")
    @app_commands.describe(member="Who; others' are for moderators")
    async def record(self, interaction: Used, member: discord.User | None = None) -> None:
        member_id = interaction.user.id if member is None else member.id
        found = await asyncio.to_thread(member_record, self._client.studio, person_of(interaction), member_id)
        counting = ngettext("{number} strike that counts.", "{number} strikes that count.", found.strikes)
        lines = [f"<@{member_id}>: {counting}", *map(sanction_line, found.sanctions)]
        await interaction.response.send_message(lines_within(lines, _LENGTH), ephemeral=True)

    @app_commands.command(name="role", description="For managers: let a role moderate, or no more")
    @app_commands.describe(role="Its members", moderates="Whether they moderate here")
    async def role(self, interaction: Used, role: discord.Role, moderates: bool) -> None:
        await asyncio.to_thread(
            let_role_moderate, self._client.studio, person_of(interaction), role.id, moderates=moderates
        )
        shown = f"<@&{role.id}>"
        done = (
            _("{role} moderates here.", role=shown)
            if moderates
            else _("{role} does not moderate here by this setting any more.", role=shown)
        )
        await interaction.response.send_message(done, ephemeral=True)

    async def _sanction(
        self,
        interaction: Used,
        member: discord.User | discord.Member,
        kind: SanctionKind,
        reason: str,
        duration: str | None,
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        lasts_s = None if duration is None else read_duration("duration", duration)
        done = await asyncio.to_thread(
            sanction,
            self._client.studio,
            person_of(interaction),
            other_person(interaction, member),
            kind,
            reason=reason,
            lasts_s=lasts_s,
        )
        self._client.wake()
        await interaction.followup.send(_told_moderator(done), ephemeral=True)
        server = interaction.guild.name if interaction.guild else "…"
        # Those who take no direct messages are told when they next make a picture.
        await tell_member(self._client, member.id, interaction.guild_id, lambda: told_member(done, server))


def _lifted(kind: SanctionKind, count: int, member: str) -> str:
    match kind:
        case SanctionKind.BAN:
            return ngettext(
                "Lifted {number} ban of {member}.", "Lifted {number} bans of {member}.", count, member=member
            )
        case SanctionKind.TIME_OUT:
            return ngettext(
                "Lifted {number} time-out of {member}.",
                "Lifted {number} time-outs of {member}.",
                count,
                member=member,
            )
        case SanctionKind.STRIKE:
            return ngettext(
                "Lifted {number} strike of {member}.",
                "Lifted {number} strikes of {member}.",
                count,
                member=member,
            )


def _told_moderator(done: Sanctioned) -> str:
    lines = [f"<@{done.sanction.member_id}>: {sanction_line(done.sanction)}"]
    if done.follows is not None:
        lines.append(sanction_line(done.follows))
    if done.cancelled:
        lines.append(
            ngettext(
                "{number} of their pictures cancelled; what was not made is refunded.",
                "{number} of their pictures cancelled; what was not made is refunded.",
                done.cancelled,
            )
        )
    return "\n".join(lines)
