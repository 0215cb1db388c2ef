"""`/audit`: who did what here, page by page or as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from actions.audit import audit, export_audit
from bot.embeds import list_embed
from bot.exports import send_export
from bot.people import person_of
from bot.quota_text import role_text
from core.access import Place
from core.text import escape_markdown, shorten
from core.words import _
from db.audit import AuditEntry

if TYPE_CHECKING:
    from bot.client import Atelier

#: Actions whose subject is a role, and details that say where.
_OF_ROLES = ("quota.tier", "role.")
_PLACES = ("channel_id", "place_id")


class AuditCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="audit", description="For moderators: who did what here, the newest first")
    @app_commands.describe(
        by="Only what this member did",
        words="Only what holds these words: an action, a picture's or a member's id, a reason",
        before="Only entries older than the one of this number",
        export="All of it as a file",
    )
    @app_commands.guild_only()
    async def audit(
        self,
        interaction: discord.Interaction[Atelier],
        by: discord.User | None = None,
        words: app_commands.Range[str, 1, 100] = "",
        before: app_commands.Range[int, 1] | None = None,
        export: bool = False,
    ) -> None:
        studio, person = self._client.studio, person_of(interaction)
        actor_id = None if by is None else by.id
        await interaction.response.defer(ephemeral=True, thinking=True)
        if export:
            limit = interaction.filesize_limit
            made = await self._client.beside(
                export_audit, studio, person, actor_id=actor_id, words=words, limit=limit
            )
            await send_export(interaction, made, "audit.jsonl")
            return
        page = await asyncio.to_thread(audit, studio, person, actor_id=actor_id, words=words, before=before)
        shown = [_line(entry) for entry in page.entries]
        if page.older is not None:
            shown.append(_("Older ones: `/audit before:{number}`", number=page.older))
        await interaction.followup.send(
            embed=list_embed(_("Audit"), shown, _("Nothing of the kind.")), ephemeral=True
        )


def _line(entry: AuditEntry) -> str:
    who = f"<@{entry.actor_id}>" if entry.actor_id else _("someone who was erased")
    detail = entry.detail or {}
    told = [f"{name} {value}" for name, value in detail.items() if not (value is None or name in _PLACES)]
    said = [escape_markdown(shorten(", ".join(told), 150))] if told else []
    places = [_mention(detail, name) for name in _PLACES if detail.get(name) is not None]
    whole = ", ".join([*said, *places])
    # It may have been erased since.
    of_role = entry.action.startswith(_OF_ROLES) and entry.subject.isdigit()
    subject = (
        role_text(int(entry.subject), entry.guild_id)
        if of_role
        else escape_markdown(shorten(entry.subject, 60))
    )
    line = f"`{entry.id}` <t:{int(entry.created_at)}:f> {who} **{entry.action}** {subject}"
    return f"{line}: {whole}" if whole else line


def _mention(detail: Mapping[str, Any], name: str) -> str:
    """Of the channel or, in a rule of `/access`, the role."""
    return f"<@&{detail[name]}>" if detail.get("place") == Place.ROLE else f"<#{detail[name]}>"
