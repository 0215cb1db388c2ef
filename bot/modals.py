"""Forms that a button or a panel opens."""

from __future__ import annotations

from typing import Any

import discord

from actions.remix import remix
from bot.errors import answer_error
from bot.people import person_of

#: Characters that Discord allows one field.
_FIELD_LENGTH = 4000


class Form(discord.ui.Modal, title="Form"):
    """A modal whose errors go to the one handler."""

    async def on_error(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        await answer_error(interaction, error)


class RemixForm(Form, title="Remix"):
    """The words of a job, to be edited; what is sent becomes a job of whoever sends it."""

    def __init__(self, job_id: str, prompt: str, negative: str, *, private: bool) -> None:
        super().__init__()
        self._job_id = job_id
        self._private = private
        self._prompt = _fields("Prompt", prompt, required=True)
        self._negative = _fields("Leave out", negative, required=False)
        for field in (*self._prompt, *self._negative):
            self.add_item(field)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        client, person = interaction.client, person_of(interaction)
        prompt, negative = ("".join(part.value for part in parts) for parts in (self._prompt, self._negative))
        await client.answer_with_job(
            interaction,
            lambda asked: remix(client.studio, person, asked, self._job_id, prompt=prompt, negative=negative),
            private=self._private,
        )


def _fields(label: str, text: str, *, required: bool) -> list[discord.ui.TextInput[Any]]:
    """The text in as many fields as it needs."""
    starts = range(0, max(1, len(text)), _FIELD_LENGTH)
    return [
        discord.ui.TextInput(
            label=f"{label}, continued" if start else label,
            style=discord.TextStyle.paragraph,
            default=text[start : start + _FIELD_LENGTH] or None,
            max_length=_FIELD_LENGTH,
            required=required and not start,
        )
        for start in starts
    ]
