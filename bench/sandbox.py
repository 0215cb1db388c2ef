"""The local Discord under load: is it ever what members wait for?

`python -m bench.sandbox [--json] [--interactions 1000] [--seconds 10] [--viewers 50]`

Members use a command at an even pace while pages are open; the local Discord, a discord.py bot that answers
at once, the pages and the members are processes of their own. The local Discord's own share of an
acknowledgement is what the bot does not spend: from the member's request until the bot has the event, and
from the bot's answer until it knows that it was taken. It is measured at the far ends of the sockets, so that
whatever the machine adds counts against the local Discord.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.figures import Figure, report
from sandbox.client import LocalClient
from sandbox.testing import LocalDiscord

MEMBERS = 50
#: What the slowest hundredth of acknowledgements may owe to the local Discord, in seconds.
SHARE_GOAL_S = 0.05


@dataclass(frozen=True, kw_only=True)
class Load:
    """How much happens."""

    interactions: int
    seconds: float
    viewers: int


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds of each answered interaction, and what the local Discord's process spent."""

    lost: int
    own_share: list[float]
    acknowledged: list[float]
    processor_s: float
    frames: int
    #: Pages that were closed or told nothing.
    blind: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.sandbox", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--interactions", type=int, default=1000, help="how many commands are used (1000)")
    parser.add_argument("--seconds", type=float, default=10, help="in which time (10)")
    parser.add_argument("--viewers", type=int, default=50, help="pages that look on (50)")
    chosen = parser.parse_args()
    load = Load(interactions=chosen.interactions, seconds=chosen.seconds, viewers=chosen.viewers)
    measured = asyncio.run(measure(load))
    return report(figures(measured, load), as_json=chosen.json)


async def measure(load: Load) -> Measured:
    """Run one load on a local Discord of its own."""
    async with LocalDiscord.spawn() as local:
        members = [f"member{number}" for number in range(MEMBERS)]
        for member in members:
            await local.client.add_member(member)
        looking = [members[number % MEMBERS] for number in range(load.viewers)]
        async with (
            _helper("bench.quick_bot", local.url) as bot,
            _helper("bench.viewers", local.url, *looking) as pages,
        ):
            await local.client.wait_for_bot(command="imagine")
            await _until_looking(pages)
            before = _processor_s(local.pid)
            asked = await _ask(local.client, members, load)
            processor_s = _processor_s(local.pid) - before
            # An answer that is still missing now is lost: Discord waits for three seconds.
            await asyncio.sleep(3)
            times, seen = await _end(bot), await _end(pages)
    told = [
        (asked[interaction], *map(float, times[interaction])) for interaction in asked.keys() & times.keys()
    ]
    return Measured(
        lost=load.interactions - len(told),
        own_share=[(reached - sent) + (taken - answered) for sent, reached, answered, taken in told],
        acknowledged=[taken - sent for sent, _, _, taken in told],
        processor_s=processor_s,
        frames=seen["frames"],
        blind=seen["blind"],
    )


async def _ask(client: LocalClient, members: Sequence[str], load: Load) -> dict[str, float]:
    """Use the command at an even pace; when each interaction was asked for, by its id."""
    started = time.monotonic()
    pause_s = load.seconds / load.interactions

    async def use(number: int) -> tuple[str, float]:
        await asyncio.sleep(started + number * pause_s - time.monotonic())
        member, sent = members[number % len(members)], time.monotonic()
        interaction = await client.slash(member, "studio", "imagine", {"prompt": f"picture {number}"})
        return str(interaction), sent

    return dict(await asyncio.gather(*(use(number) for number in range(load.interactions))))


@asynccontextmanager
async def _helper(module: str, *arguments: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _until_looking(pages: Process) -> None:
    """Wait until every page is open. Raises RuntimeError where one could not be opened."""
    assert pages.stdout is not None
    if not await pages.stdout.readline():
        raise RuntimeError("a page could not be opened")


async def _end(helper: Process) -> dict[str, Any]:
    """Stop a helper; what it printed."""
    helper.terminate()
    printed, _ = await helper.communicate()
    told: dict[str, Any] = json.loads(printed)
    return told


def _processor_s(pid: int) -> float:
    """Seconds of processor time that a process has used (proc(5), `utime` and `stime`)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def figures(measured: Measured, load: Load) -> list[Figure]:
    """The measured load as figures."""
    share, whole = quantiles(measured.own_share, n=100), quantiles(measured.acknowledged, n=100)
    each_ms = 1000 * measured.processor_s / load.interactions
    rows = (
        ("interactions without an answer", measured.lost, "", 0),
        ("own share of an acknowledgement, median", share[49], "s", None),
        ("own share of an acknowledgement, p95", share[94], "s", None),
        ("own share of an acknowledgement, p99", share[98], "s", SHARE_GOAL_S),
        ("interaction to acknowledgement, p99", whole[98], "s", None),
        ("processor time of an interaction", each_ms, "ms", None),
        ("pages that were closed or told nothing", measured.blind, "", 0),
        ("frames to the open pages", measured.frames, "", None),
    )
    return [
        Figure(name=name, value=value, unit=unit, goal=goal, better="lower")
        for name, value, unit, goal in rows
    ]


if __name__ == "__main__":
    sys.exit(main())
