"""`/reports` and `/appeal`: what members ask of the moderators, and the buttons that decide."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Self

import discord
from discord import app_commands
from discord.ext import commands

from actions.appeal import MAX_APPEAL_CHARACTERS, Cases, appeal, cases, decide_appeal
from actions.report import decide, review
from bot.items import LastingButton, Press
from bot.people import absent_person, person_of
from bot.posts import ended_post
from bot.sanction_text import sanction_line, told_member
from bot.speaking import tell_member
from bot.text import shown_prompt
from core.moderation import SANCTION_WORDS, Ruling
from core.text import escape_markdown
from core.words import N_, _
from db.reports import Appeal

if TYPE_CHECKING:
    from bot.client import Atelier

_LABELS = {"approve": N_("Approve"), "remove": N_("Remove"), "strike": N_("Remove and strike")}
_APPEAL_LABELS = {"grant": N_("Lift it"), "decline": N_("Let it stand")}
_DONE = {
    "approve": N_("Approved."),
    "remove": N_("Removed."),
    "strike": N_("Removed; its member has a strike."),
}
_LIFTED = N_("The moderators looked at your appeal: your {kind} was lifted.")
_STANDS = N_("The moderators looked at your appeal: your {kind} stands.")
_PROMPT_CHARACTERS = 500


class ReportsCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        client.add_dynamic_items(Rule, RuleAppeal)

    @app_commands.command(
        name="reports", description="For moderators: the reported picture or appeal that waits"
    )
    @app_commands.guild_only()
    async def reports(self, interaction: discord.Interaction[Atelier]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        waiting = await asyncio.to_thread(cases, self._client.studio, person_of(interaction))
        if waiting.reported is not None:
            by = ", ".join(f"<@{reporter}>" for reporter in waiting.reported.reporters[:10])
            why = _("reported by {members} ({number})", members=by, number=len(waiting.reported.reporters))
            await self._show_job(interaction, waiting.count, waiting.reported.job_id, why)
        elif waiting.held is not None:
            why = _("held back by the safety checker")
            await self._show_job(interaction, waiting.count, waiting.held, why)
        elif waiting.appeal is not None:
            await self._show_appeal(interaction, waiting, waiting.appeal)
        else:
            await interaction.followup.send(_("Nothing waits for you."), ephemeral=True)

    @app_commands.command(name="appeal", description="Ask the moderators to lift what you have against you")
    @app_commands.describe(why="Why it should be lifted")
    @app_commands.guild_only()
    async def appeal(
        self,
        interaction: discord.Interaction[Atelier],
        why: app_commands.Range[str, 1, MAX_APPEAL_CHARACTERS],
    ) -> None:
        sanction = await asyncio.to_thread(appeal, self._client.studio, person_of(interaction), why)
        await interaction.response.send_message(
            _("The moderators will look at it: {sanction}", sanction=sanction_line(sanction)), ephemeral=True
        )

    async def _show_job(
        self, interaction: discord.Interaction[Atelier], count: int, job_id: str, why: str
    ) -> None:
        client = self._client
        client.limits.learn(interaction)
        told = await asyncio.to_thread(review, client.studio, person_of(interaction), job_id)
        limit = client.limits.of(interaction.guild_id)
        post = await client.beside(ended_post, client.studio.storage, told.job, told.images, limit=limit)
        about = _(
            "1 of {count}: `{job}` by {member}", count=count, job=job_id, member=f"<@{told.job.member_id}>"
        )
        text = f"{about}, {why}\n{shown_prompt(told.job, _PROMPT_CHARACTERS)}"
        view = discord.ui.View(timeout=None)
        for ruling in Ruling:
            view.add_item(Rule(ruling, told.job.id))
        files = [picture.file() for picture in post.pictures]
        await interaction.followup.send(text, files=files, view=view, ephemeral=True)

    async def _show_appeal(
        self, interaction: discord.Interaction[Atelier], waiting: Cases, shown: Appeal
    ) -> None:
        sanction = shown.sanction
        view = discord.ui.View(timeout=None)
        for granted in (True, False):
            view.add_item(RuleAppeal(sanction.id, granted=granted))
        text = _(
            "1 of {count}: {member} appeals against {sanction}\nby {moderator}. They say: {text}",
            count=waiting.count,
            member=f"<@{sanction.member_id}>",
            sanction=sanction_line(sanction),
            moderator=f"<@{sanction.by_id}>",
            text=escape_markdown(shown.text),
        )
        await interaction.followup.send(text[:2000], view=view, ephemeral=True)


class Rule(
    LastingButton,
    template=r"report-(?P<ruling>approve|remove|strike):(?P<job>.{1,80})",
):
    """Decides about a reported job."""

    def __init__(self, ruling: Ruling, job_id: str) -> None:
        self.ruling = ruling
        self.job_id = job_id
        super().__init__(
            discord.ui.Button(label=_(_LABELS[ruling]), custom_id=f"report-{ruling.value}:{job_id}")
        )

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(Ruling(match["ruling"]), match["job"])

    async def pressed(self, interaction: Press) -> None:
        client, person = interaction.client, person_of(interaction)
        await interaction.response.defer()
        told = await asyncio.to_thread(review, client.studio, person, self.job_id)
        author = await absent_person(interaction, told.job.member_id)
        decided = await client.beside(decide, client.studio, person, self.job_id, self.ruling, author=author)
        job, strike = decided.job, decided.strike
        client.wake()
        await interaction.edit_original_response(content=_(_DONE[self.ruling]), attachments=[], view=None)
        if strike is not None:
            server = interaction.guild.name if interaction.guild else "…"
            await tell_member(
                client, job.member_id, interaction.guild_id, lambda: told_member(strike, server)
            )


class RuleAppeal(LastingButton, template=r"appeal-(?P<how>grant|decline):(?P<sanction>\d{1,15})"):
    """Decides about an appeal."""

    def __init__(self, sanction_id: int, *, granted: bool) -> None:
        self.sanction_id = sanction_id
        self.granted = granted
        how = "grant" if granted else "decline"
        super().__init__(
            discord.ui.Button(label=_(_APPEAL_LABELS[how]), custom_id=f"appeal-{how}:{sanction_id}")
        )

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["sanction"]), granted=match["how"] == "grant")

    async def pressed(self, interaction: Press) -> None:
        client = interaction.client
        await interaction.response.defer()
        sanction = await asyncio.to_thread(
            decide_appeal, client.studio, person_of(interaction), self.sanction_id, granted=self.granted
        )
        kind, member = SANCTION_WORDS[sanction.kind], f"<@{sanction.member_id}>"
        done = (
            _("The {kind} of {member} was lifted.", kind=_(kind), member=member)
            if self.granted
            else _("The {kind} of {member} stands.", kind=_(kind), member=member)
        )
        await interaction.edit_original_response(content=done, view=None)
        told = _LIFTED if self.granted else _STANDS
        await tell_member(client, sanction.member_id, interaction.guild_id, lambda: _(told, kind=_(kind)))
