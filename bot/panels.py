"""The *Advanced* panel: steps, guidance, sampler and schedule, chosen before the picture starts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from actions.imagine import imagine, read_options
from bot.errors import answer_error
from bot.modals import Form
from bot.people import person_of
from bot.text import panel_text
from core.model_spec import ModelSpec
from core.options.imagine import ImagineOptions, check_numbers
from core.prompt_flags import without_flag
from core.samplers import SAMPLERS
from core.stages import MAX_GUIDANCE_SCALE

if TYPE_CHECKING:
    from bot.client import Atelier

#: Seconds that a panel can be used: as long as Discord lets its message be edited.
PANEL_LIFE_S = 14 * 60.0


async def open_panel(interaction: discord.Interaction[Atelier], options: ImagineOptions) -> None:
    """Show a panel to this person alone, filled with the model's defaults. Raises BadOption."""
    request, spec = await asyncio.to_thread(read_options, interaction.client.studio, options)
    filled = replace(
        options,
        # From here on the panel says how many steps; a flag that stayed would contradict its changes.
        prompt=without_flag(request.typed_prompt, "steps"),
        steps=request.denoise.steps,
        guidance=request.denoise.guidance_scale,
        sampler=request.denoise.sampler,
        schedule=request.denoise.schedule,
    )
    panel = Panel(interaction, filled, spec)
    await interaction.response.send_message(panel.text, view=panel, ephemeral=True)


class Panel(discord.ui.View):
    """Holds the options so far; they are checked when they become a job, like those of any other door."""

    def __init__(
        self, opened_by: discord.Interaction[Atelier], options: ImagineOptions, spec: ModelSpec
    ) -> None:
        super().__init__(timeout=PANEL_LIFE_S)
        self.opened_by = opened_by
        self.options = options
        self.spec = spec
        self.private = False
        #: The press that makes, or has made, the job.
        self._pressed: int | None = None
        self._fill()

    @property
    def text(self) -> str:
        return panel_text(self.options, private=self.private)

    async def on_error(
        self,
        interaction: discord.Interaction[Any],
        error: Exception,
        item: discord.ui.Item[Any],  # noqa: ARG002
        /,
    ) -> None:
        await answer_error(interaction, error)

    async def change(self, interaction: discord.Interaction[Any], options: ImagineOptions) -> None:
        """Take over the options and show them."""
        self.options = options
        self._fill()
        await interaction.response.edit_message(content=self.text, view=self)

    def _fill(self) -> None:
        self.clear_items()
        self.sampler.options = _choices(SAMPLERS, self.options.sampler)
        schedules = SAMPLERS[self.options.sampler or self.spec.default_sampler].schedules
        self.schedule.options = _choices(schedules, self.options.schedule)
        self.only_me.label = "Only I see it: yes" if self.private else "Only I see it: no"
        for item in (self.sampler, self.schedule, self.numbers, self.only_me, self.make):
            self.add_item(item)

    @discord.ui.select(cls=discord.ui.Select[Any], placeholder="Sampler", row=0)
    async def sampler(self, interaction: discord.Interaction[Any], menu: discord.ui.Select[Any]) -> None:
        sampler = menu.values[0]
        kept = self.options.schedule in SAMPLERS[sampler].schedules
        schedule = self.options.schedule if kept else SAMPLERS[sampler].schedules[0]
        await self.change(interaction, replace(self.options, sampler=sampler, schedule=schedule))

    @discord.ui.select(cls=discord.ui.Select[Any], placeholder="Schedule", row=1)
    async def schedule(self, interaction: discord.Interaction[Any], menu: discord.ui.Select[Any]) -> None:
        await self.change(interaction, replace(self.options, schedule=menu.values[0]))

    @discord.ui.button(label="Steps and guidance…", emoji="🔢", row=2)
    async def numbers(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(NumbersModal(self))

    @discord.ui.button(row=2)
    async def only_me(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        self.private = not self.private
        await self.change(interaction, self.options)

    @discord.ui.button(label="Make it", emoji="🎨", style=discord.ButtonStyle.primary, row=2)
    async def make(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        # A second press meanwhile is a slip; the first one arriving twice is none, and makes one job.
        if self._pressed not in (None, interaction.id):
            await interaction.response.defer()
            return
        self._pressed = interaction.id
        client, person = interaction.client, person_of(interaction)
        try:
            await client.answer_with_job(
                interaction,
                lambda asked: imagine(client.studio, person, asked, self.options),
                private=self.private,
            )
        except Exception:
            self._pressed = None
            raise
        self.stop()
        # The panel has served; where Discord keeps it, it only stays in view.
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError):
            await self.opened_by.delete_original_response()


class NumbersModal(Form, title="Steps and guidance"):
    """Two numbers, filled with those chosen so far."""

    def __init__(self, panel: Panel) -> None:
        super().__init__(timeout=PANEL_LIFE_S)
        self.panel = panel
        self.steps: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=f"Steps (1 to {panel.spec.max_steps})", default=str(panel.options.steps), max_length=6
        )
        self.guidance: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=f"Guidance (1 to {MAX_GUIDANCE_SCALE:g})", default=f"{panel.options.guidance}", max_length=6
        )
        self.add_item(self.steps).add_item(self.guidance)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        options = replace(self.panel.options, steps=self.steps.value, guidance=self.guidance.value)
        check_numbers(options, self.panel.spec)
        await self.panel.change(interaction, options)


def _choices(names: Iterable[str], chosen: str | None) -> list[discord.SelectOption]:
    return [discord.SelectOption(label=name, default=name == chosen) for name in names]
