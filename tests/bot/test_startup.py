"""The bot as its own process: what it imports, how soon it is ready, how it stops."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from sandbox.testing import LocalDiscord

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 3.0


def test_the_bot_imports_no_torch() -> None:
    heavy = "torch|diffusers|transformers|boto3"
    code = f"import re, sys, bot.__main__; print([m for m in sys.modules if re.fullmatch('{heavy}', m)])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_without_a_token_it_says_what_is_missing(tmp_path: Path) -> None:
    environment = {**os.environ, "DISCORD_TOKEN": "", "ATELIER_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "bot"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and "DISCORD_TOKEN is not set" in done.stderr


async def test_it_is_ready_within_seconds_answers_for_its_health_and_stops_cleanly(
    sqlite_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with LocalDiscord.run() as local:
        environment = {
            **os.environ,
            "DISCORD_TOKEN": "not-for-the-log",
            "ATELIER_SANDBOX_URL": local.url,
            "ATELIER_DATABASE_URL": sqlite_url,
            "ATELIER_REDIS_URL": redis_url,
            "ATELIER_DATA_DIR": str(tmp_path),
        }
        before = os.times()
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
        )
        try:
            await local.client.wait_for_bot(command="imagine")
            wall_s = time.monotonic() - started
            health = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "core.health", "bot", cwd=ROOT, env=environment
            )
            assert await health.wait() == 0
            process.send_signal(signal.SIGTERM)
            _, log = await asyncio.wait_for(process.communicate(), 20)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, log.decode()
        assert b"not-for-the-log" not in log
        assert not re.search(rb'"level": "ERROR"', log), log.decode()
        after = os.times()
        # What it computes tells of the bot; the wall clock tells of whatever else the machine is doing, too.
        own_s = after.children_user + after.children_system - before.children_user - before.children_system
        assert min(wall_s, own_s) < READY_WITHIN_S, (wall_s, own_s)
