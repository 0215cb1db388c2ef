"""Forms that a button or a panel opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from actions.remix import remix
from bot.errors import answer_error
from core.words import _

#: Characters that Discord allows one field.
_FIELD_LENGTH = 4000


class Form(discord.ui.Modal, title="Form"):
    """A modal whose errors go to the one handler."""

    async def on_error(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        await answer_error(interaction, error)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A line of a form."""

    #: Under which the value is handed on.
    name: str
    label: str
    value: object
    max_length: int = 12


class FieldsForm(Form):
    """Lines of text, filled with what was chosen so far; what is sent goes to `then`, empty lines as None."""

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        then: Callable[[discord.Interaction[Any], Mapping[str, str | None]], Awaitable[None]],
    ) -> None:
        super().__init__(title=title)
        self._then = then
        self._inputs = {field.name: _line(field) for field in fields}
        for line in self._inputs.values():
            self.add_item(line)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await self._then(
            interaction, {name: line.value.strip() or None for name, line in self._inputs.items()}
        )


class RemixForm(Form, title="Remix"):
    """The words of a job, to be edited; what is sent becomes a job of whoever sends it."""

    def __init__(
        self, job_id: str, prompt: str, negative: str, *, private: bool, index: int | None = None
    ) -> None:
        super().__init__(title=_("Remix"))
        self._job_id = job_id
        #: Which of its pictures, 0-based; None is all of them.
        self._index = index
        self._private = private
        self._prompt = _paragraphs(_("Prompt"), prompt, required=True)
        self._negative = _paragraphs(_("Leave out"), negative, required=False)
        for field in (*self._prompt, *self._negative):
            self.add_item(field)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        client = interaction.client
        prompt, negative = ("".join(part.value for part in parts) for parts in (self._prompt, self._negative))
        await client.answer_with_job(
            interaction,
            lambda person, asked: client.beside(
                remix,
                client.studio,
                person,
                asked,
                self._job_id,
                prompt=prompt,
                negative=negative,
                index=self._index,
            ),
            private=self._private,
        )


def _line(field: Field) -> discord.ui.TextInput[Any]:
    value = "" if field.value is None else str(field.value)
    return discord.ui.TextInput(
        label=field.label, default=value or None, max_length=field.max_length, required=False
    )


def _paragraphs(label: str, text: str, *, required: bool) -> list[discord.ui.TextInput[Any]]:
    """The text in as many fields as it needs."""
    starts = range(0, max(1, len(text)), _FIELD_LENGTH)
    return [
        discord.ui.TextInput(
            label=_("{label}, continued", label=label) if start else label,
            style=discord.TextStyle.paragraph,
            default=text[start : start + _FIELD_LENGTH] or None,
            max_length=_FIELD_LENGTH,
            required=required and not start,
        )
        for start in starts
    ]
