"""The *Advanced* panel: how a picture is drawn, chosen before it starts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import discord

from actions.draw import read_options
from actions.person import Asked, Person
from actions.quota import Prices, prices
from bot.discord_limits import MOST_CHOICES
from bot.making import MakingView
from bot.modals import FieldsForm
from bot.panel_forms import GuideForm, PanelForm, forms_for
from bot.people import person_of
from bot.text import panel_text, price_text
from core.model_spec import ModelSpec
from core.options.drawing import DrawOptions, build_request
from core.prompt_flags import parse_prompt, without_flag
from core.samplers import SAMPLERS
from core.words import N_, _
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

#: Makes the job of whoever asks.
Make = Callable[[Person, Asked, DrawOptions], Awaitable[Job]]

_MORE = N_("More…")


async def open_panel(
    interaction: discord.Interaction[Atelier], options: DrawOptions, make: Make, *, private: bool = False
) -> None:
    """Show a panel to this person alone, filled with the model's defaults. Raises BadOption.

    Args:
        private: what *Only I see it* says at first.
    """
    studio, guild_id = interaction.client.studio, interaction.guild_id
    request, spec = await asyncio.to_thread(read_options, studio, options, guild_id=guild_id)
    flags = parse_prompt(request.typed_prompt)
    filled = replace(
        options,
        # From here on the panel says these; a flag that stayed would contradict its changes.
        prompt=without_flag(without_flag(request.typed_prompt, "steps"), "seed"),
        seed=flags.seed if options.seed is None else options.seed,
        count=request.count,
        steps=request.denoise.steps,
        guidance=request.denoise.guidance_scale,
        sampler=request.denoise.sampler,
        schedule=request.denoise.schedule,
    )
    costs = await asyncio.to_thread(prices, interaction.client.studio, person_of(interaction))
    panel = Panel(interaction, filled, spec, make, costs, private=private)
    if interaction.response.is_done():
        await interaction.edit_original_response(content=panel.text, view=panel)
    else:
        await interaction.response.send_message(panel.text, view=panel, ephemeral=True)


class Panel(MakingView):
    """Holds the options so far; they are checked when they become a job, like those of any other door."""

    def __init__(
        self,
        opened_by: discord.Interaction[Atelier],
        options: DrawOptions,
        spec: ModelSpec,
        make: Make,
        costs: Prices,
        *,
        private: bool,
    ) -> None:
        super().__init__(opened_by)
        self.options = options
        self.spec = spec
        self.private = private
        self._make = make
        self._costs = costs
        #: Credits for what is chosen now.
        self._price = costs.of(build_request(options, spec, Random()))
        #: Which part of the samplers the menu shows.
        self._page = _page_of(options.sampler or spec.default_sampler)
        self._fill()

    @property
    def text(self) -> str:
        price = price_text(self._price, self._costs.balance)
        return f"{panel_text(self.options, private=self.private)}\n{price}"

    async def change(self, interaction: discord.Interaction[Any], **values: Any) -> None:
        """Take over these options and show them. Raises BadOption where they will not do."""
        options, studio = replace(self.options, **values), interaction.client.studio
        # The model may be another one.
        request, self.spec = await asyncio.to_thread(
            read_options, studio, options, guild_id=interaction.guild_id
        )
        self._price = self._costs.of(request)
        self.options = options
        await self._show(interaction)

    async def _show(self, interaction: discord.Interaction[Any]) -> None:
        self._fill()
        await interaction.response.edit_message(content=self.text, view=self)

    def _fill(self) -> None:
        self.clear_items()
        sampler = self.options.sampler or self.spec.default_sampler
        self.sampler.options = _choices(_pages(list(SAMPLERS))[self._page], sampler)
        self.schedule.options = _choices(SAMPLERS[sampler].schedules, self.options.schedule)
        self.tiling.label = _("Tiling: yes") if self.options.tiling else _("Tiling: no")
        self.only_me.label = _("Only I see it: yes") if self.private else _("Only I see it: no")
        self.make.label = _("Make it")
        self.sampler.placeholder, self.schedule.placeholder = _("Sampler"), _("Schedule")
        forms = [FormButton(self, form) for form in forms_for(self.options, self.spec)]
        for item in (self.sampler, self.schedule, *forms, self.tiling, self.only_me, self.make):
            self.add_item(item)

    @discord.ui.select(cls=discord.ui.Select[Any], row=0)
    async def sampler(self, interaction: discord.Interaction[Any], menu: discord.ui.Select[Any]) -> None:
        sampler = menu.values[0]
        if sampler == _MORE:
            self._page = (self._page + 1) % len(_pages(list(SAMPLERS)))
            await self._show(interaction)
            return
        kept = self.options.schedule in SAMPLERS[sampler].schedules
        schedule = self.options.schedule if kept else SAMPLERS[sampler].schedules[0]
        await self.change(interaction, sampler=sampler, schedule=schedule)

    @discord.ui.select(cls=discord.ui.Select[Any], row=1)
    async def schedule(self, interaction: discord.Interaction[Any], menu: discord.ui.Select[Any]) -> None:
        await self.change(interaction, schedule=menu.values[0])

    @discord.ui.button(row=3)
    async def tiling(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        await self.change(interaction, tiling=not self.options.tiling)

    @discord.ui.button(row=3)
    async def only_me(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        self.private = not self.private
        await self._show(interaction)

    @discord.ui.button(emoji="🎨", style=discord.ButtonStyle.primary, row=3)
    async def make(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        async def chosen(person: Person, asked: Asked) -> Job:
            # The panel has told the price.
            return await self._make(person, replace(asked, agreed=self._price), self.options)

        await self.make_once(interaction, chosen, private=self.private)


class FormButton(discord.ui.Button["Panel"]):
    """Opens one of the panel's forms, whose values the panel takes over."""

    def __init__(self, panel: Panel, form: PanelForm) -> None:
        row = 4 if isinstance(form, GuideForm) else 2
        super().__init__(label=f"{form.label}…", emoji=form.emoji, row=row)
        self._panel = panel
        self._form = form

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        panel = self._panel

        async def take_over(sent: discord.Interaction[Any], values: Mapping[str, str | None]) -> None:
            await panel.change(sent, **self._form.changes(panel.options, values))

        fields = self._form.fields(panel.options, panel.spec)
        await interaction.response.send_modal(FieldsForm(self._form.label, fields, take_over))


def _pages(names: Sequence[str]) -> list[list[str]]:
    """The names as menus that Discord takes: all at once, or with a way to the next."""
    if len(names) <= MOST_CHOICES:
        return [list(names)]
    starts = range(0, len(names), MOST_CHOICES - 1)
    return [[*names[start : start + MOST_CHOICES - 1], _MORE] for start in starts]


def _page_of(sampler: str) -> int:
    return next(number for number, page in enumerate(_pages(list(SAMPLERS))) if sampler in page)


def _choices(names: Iterable[str], chosen: str | None) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=_(name) if name == _MORE else name, value=name, default=name == chosen)
        for name in names
    ]
