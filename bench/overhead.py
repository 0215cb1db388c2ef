"""What Atelier itself adds to a picture's time, on the embedded default with a local Discord.

`python -m bench.overhead [--json] [--pictures 20]`

Seconds (medians) from the interaction to the acknowledgement and to the start of the job, and from the last
step of the denoising loop to the delivered message: decoding, screening, storing and uploading are in it.
One member, one picture at a time, so that nothing waits for anybody else. And the seconds from a bot's start
until its commands can be used.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from sqlalchemy import select

from bench.figures import Figure, report
from core.settings import Settings
from db.tables import JobRow
from launch.trial import Trial, running_trial
from sandbox.seen import SeenMessage
from sandbox.testing import LocalDiscord

STARTS = 3
PROMPT = "a red circle on a white background"


@dataclass(frozen=True, kw_only=True)
class Times:
    """One picture's delays in seconds."""

    acknowledged: float
    started: float
    delivered: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.overhead", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--pictures", type=int, default=20, help="pictures to measure (20)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        times, starts = asyncio.run(_measure(Path(directory), arguments.pictures))
    return report(_figures(times, starts), as_json=arguments.json)


async def _measure(data_dir: Path, pictures: int) -> tuple[list[Times], list[float]]:
    """Each picture's delays, and the seconds of each start of a bot."""
    async with running_trial(data_dir / "studio") as trial:
        # The first picture loads the model and is left out.
        await _picture(trial, -1)
        times = [await _picture(trial, number) for number in range(pictures)]
        return times, [await _start(trial.settings, data_dir / f"bot-{number}") for number in range(STARTS)]


async def _start(studio: Settings, data_dir: Path) -> float:
    """Start another bot of the studio, in a local Discord of its own, and end it once it serves."""
    async with LocalDiscord.spawn() as local:
        environment = {
            **os.environ,
            "DISCORD_TOKEN": "local",
            "ATELIER_SANDBOX_URL": local.url,
            "ATELIER_DATABASE_URL": studio.database_url,
            "ATELIER_REDIS_URL": studio.redis_url,
            "ATELIER_DATA_DIR": str(data_dir),
        }
        started = time.monotonic()
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await local.client.wait_for_bot(command="imagine")
            return time.monotonic() - started
        finally:
            bot.terminate()
            await bot.wait()


async def _picture(trial: Trial, number: int) -> Times:
    interaction = await trial.members.slash(
        "olive", "studio", "imagine", {"prompt": PROMPT, "seed": number + 1}
    )
    answered = await trial.members.answered(interaction)

    def delivered(message: SeenMessage) -> bool:
        pictures = [file for file in message.attachments if file.get("content_type") == "image/png"]
        return message.interaction_id == interaction and bool(pictures)

    message = await trial.members.wait_for("studio", delivered, timeout_s=60)
    if answered.ack_latency_s is None:
        raise RuntimeError("the interaction was not acknowledged")
    # The local Discord counts monotonic seconds, the database and the logs count since 1970.
    epoch = time.time() - time.monotonic()
    job_id, started_at = await asyncio.to_thread(_job, trial, interaction)
    return Times(
        acknowledged=answered.ack_latency_s,
        started=started_at - (answered.sent_at + epoch),
        delivered=(message.edited_at[-1] + epoch) - _last_step_at(trial, job_id),
    )


def _job(trial: Trial, interaction: int) -> tuple[str, float]:
    with trial.database.read() as session:
        row = session.execute(
            select(JobRow.id, JobRow.started_at).where(JobRow.interaction_id == interaction)
        ).one()
    return row.id, row.started_at


def _last_step_at(trial: Trial, job_id: str) -> float:
    """Seconds since 1970 at which the worker's log says that the job's denoising ended."""
    for line in trial.log("worker").read_text().splitlines():
        entry = json.loads(line) if line.startswith("{") else {}
        if entry.get("job_id") == job_id and entry["message"].endswith("is denoised"):
            return datetime.fromisoformat(entry["time"]).timestamp()
    raise RuntimeError(f"the worker's log does not say when {job_id} was denoised")


def _figures(times: list[Times], starts: list[float]) -> list[Figure]:
    rows = (
        ("interaction to acknowledgement", [each.acknowledged for each in times], None),
        ("interaction to job start", [each.started for each in times], None),
        ("last step to delivered message", [each.delivered for each in times], 0.5),
        ("start of the bot to its commands", starts, 3.0),
    )
    return [
        Figure(name=f"{name}, median", value=median(values), unit="s", goal=goal, better="lower")
        for name, values, goal in rows
    ]


if __name__ == "__main__":
    sys.exit(main())
