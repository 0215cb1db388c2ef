"""A progress bar in the terminal for whatever the studio is drawing."""

from __future__ import annotations

import asyncio
import sys

from db.deliveries import JobProgress, progress_since
from db.engine import Database

_WIDTH = 30
_LOOK_S = 0.05


async def show_progress(database: Database) -> None:
    """Redraw the bar of the oldest running job until cancelled; says nothing where nobody is watching."""
    if not sys.stdout.isatty():
        return
    while True:
        running = await asyncio.to_thread(_running, database)
        if running:
            _draw(running[0])
        await asyncio.sleep(_LOOK_S)


def _running(database: Database) -> list[JobProgress]:
    with database.read() as session:
        return progress_since(session, {})


def _draw(progress: JobProgress) -> None:
    job = progress.job
    done = job.step / max(1, job.total_steps)
    filled = round(done * _WIDTH)
    bar = "█" * filled + "░" * (_WIDTH - filled)
    print(f"\r{bar} step {job.step}/{job.total_steps}", end="", flush=True)
