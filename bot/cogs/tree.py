"""`/tree`: where a picture comes from, and what was made of it, as a text that fits a phone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.tree import Node, Tree, tree
from bot.differences import differences
from bot.discord_limits import Id
from bot.job_offers import offer_own
from bot.people import person_of
from bot.text import shown_prompt
from core.text import lines_within
from core.words import _, ngettext

if TYPE_CHECKING:
    from bot.client import Atelier

_LENGTH = 4096
#: Deeper ones stand below each other: a phone's line is short.
_MOST_INDENTED = 6
_PROMPT_CHARACTERS = 60
_NAMES = 3


class TreeCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="tree", description="Where a picture comes from, and what was made of it")
    @app_commands.describe(id="The id below the picture, like 7ZK3A0QF2M")
    @app_commands.autocomplete(id=offer_own)
    async def tree(self, interaction: discord.Interaction[Atelier], id: Id) -> None:
        found = await asyncio.to_thread(tree, self._client.studio, person_of(interaction), id)
        await interaction.response.send_message(embed=tree_embed(found), ephemeral=True)


def tree_embed(found: Tree) -> discord.Embed:
    lines = ["…"] if found.cut else []
    return discord.Embed(
        title=_("Family of {job}", job=found.job.id),
        description=lines_within([*lines, *_lines(found)], _LENGTH),
    )


def _lines(found: Tree) -> Iterator[str]:
    #: Those of whose children some are not shown, while the others are.
    open_ones: list[Node] = []
    for node in found.nodes:
        while open_ones and node.depth <= open_ones[-1].depth:
            yield _more(open_ones.pop())
        yield _line(node, is_asked=node.job is not None and node.job.id == found.job.id)
        if node.more:
            open_ones.append(node)
    yield from map(_more, reversed(open_ones))


def _more(node: Node) -> str:
    return _indent(node.depth + 1) + ngettext("… and {number} more", "… and {number} more", node.more)


def _line(node: Node, *, is_asked: bool) -> str:
    job = node.job
    if job is None:
        return _indent(node.depth) + _("🔒 not to be seen here")
    name = f"**`{job.id}`**" if is_asked else f"`{job.id}`"
    return f"{_indent(node.depth)}{name} {_what(node)} · <@{job.member_id}>"


def _what(node: Node) -> str:
    """What makes a job different from the one that it was made from; of others the prompt."""
    job = node.job
    assert job is not None, "it is shown"
    if node.parent is None:
        return shown_prompt(job, _PROMPT_CHARACTERS)
    if job.replay_of is not None:
        return _("🔁 the same again")
    changed = differences(node.parent, job)
    prompt = (
        [shown_prompt(job, _PROMPT_CHARACTERS)] if any(one.name == _("Prompt") for one in changed) else []
    )
    names = [one.name for one in changed if one.name != _("Prompt")]
    return " · ".join([*prompt, *names[:_NAMES]]) or _("the same settings")


def _indent(depth: int) -> str:
    # Discord trims spaces at the start of a line, but not these (EM SPACE).
    return "\u2003" * min(depth, _MOST_INDENTED) + ("└ " if depth else "")
