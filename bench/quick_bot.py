"""A discord.py bot that answers `/imagine` at once, for `bench.sandbox`: `python -m bench.quick_bot URL`.

On SIGTERM it prints, as JSON, when each interaction reached it, when it sent its answer and when it heard
that the answer was taken; in seconds of `time.monotonic()`.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.discord_address import use_address

_CALLBACK = re.compile(r"/interactions/(\d+)/")


@dataclass(kw_only=True)
class Times:
    """Moments of `time.monotonic()` by the interaction's id."""

    reached: dict[str, float] = field(default_factory=dict)
    answering: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)

    def by_interaction(self) -> dict[str, tuple[float, float, float]]:
        return {each: (self.reached[each], self.answering[each], at) for each, at in self.answered.items()}


class QuickBot(discord.Client):
    """One command, answered with a placeholder such as a real bot's: an embed and a button."""

    def __init__(self, times: Times) -> None:
        super().__init__(
            intents=discord.Intents.default(),
            guild_ready_timeout=0,
            enable_debug_events=True,
            http_trace=_trace(times),
        )
        self._times = times
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(imagine)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_socket_raw_receive(self, message: str) -> None:
        # Called before discord.py reads the event, so that its own work counts as the bot's.
        now = time.monotonic()
        event = json.loads(message)
        if event["t"] == "INTERACTION_CREATE":
            self._times.reached[event["d"]["id"]] = now


@app_commands.command()
async def imagine(interaction: discord.Interaction, prompt: str) -> None:
    """Answers at once."""
    view = discord.ui.View().add_item(discord.ui.Button(label="Cancel", custom_id=f"cancel:{interaction.id}"))
    await interaction.response.send_message(
        embed=discord.Embed(title="Waiting", description=prompt), view=view
    )
    view.stop()


def _trace(times: Times) -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()

    async def started(_: Any, __: SimpleNamespace, request: aiohttp.TraceRequestStartParams) -> None:
        _note(times.answering, request.url.path)

    async def ended(_: Any, __: SimpleNamespace, request: aiohttp.TraceRequestEndParams) -> None:
        if request.response.ok:
            _note(times.answered, request.url.path)

    trace.on_request_start.append(started)
    trace.on_request_end.append(ended)
    return trace


def _note(times: dict[str, float], path: str) -> None:
    found = _CALLBACK.search(path)
    if found:
        times[found[1]] = time.monotonic()


async def main(url: str) -> None:
    use_address(url)
    times = Times()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with QuickBot(times) as bot:
        running = asyncio.create_task(bot.start("token"))
        await stop.wait()
        await bot.close()
        await running
    print(json.dumps(times.by_interaction()))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
