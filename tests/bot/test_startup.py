"""The bot as its own process: what it imports, that it becomes ready, how it stops."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from sandbox.server import Settings
from sandbox.testing import LocalDiscord

ROOT = Path(__file__).parents[2]
#: How long it takes is measured by `bench.overhead`; here a busy machine may take its time.
PATIENCE_S = 60.0
TOKEN = "not-for-the-log"


def environment_for(local: LocalDiscord, database: str, redis: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DISCORD_TOKEN": TOKEN,
        "ATELIER_SANDBOX_URL": local.url,
        "ATELIER_DATABASE_URL": database,
        "ATELIER_REDIS_URL": redis,
        "ATELIER_DATA_DIR": str(folder),
    }


async def ended(environment: dict[str, str]) -> tuple[int | None, str]:
    """Exit status and log of a bot that does not get far."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, log = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, log.decode()


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
    assert done.returncode == 2 and "DISCORD_TOKEN is not set" in done.stderr


async def test_a_token_that_discord_refuses_is_told_in_one_line(
    sqlite_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with LocalDiscord.run(Settings(token="another")) as local:
        code, log = await ended(environment_for(local, sqlite_url, redis_url, tmp_path))
    assert code == 1 and "Discord refuses the DISCORD_TOKEN" in log
    assert "Traceback" not in log and TOKEN not in log


async def test_what_stops_it_is_one_line_of_the_log(sqlite_url: str, redis_url: str, tmp_path: Path) -> None:
    # A file where the health answer's folder should be.
    (tmp_path / "run").touch()
    async with LocalDiscord.run() as local:
        code, log = await ended(environment_for(local, sqlite_url, redis_url, tmp_path))
    last = json.loads(log.splitlines()[-1])
    assert code == 1 and last["level"] == "ERROR" and "FileExistsError" in last["exception"]


async def test_it_becomes_ready_answers_for_its_health_and_stops_cleanly(
    sqlite_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with LocalDiscord.run() as local:
        environment = environment_for(local, sqlite_url, redis_url, tmp_path)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
        )
        try:
            await local.client.wait_for_bot(command="imagine", timeout_s=PATIENCE_S)
            health = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "core.health", "bot", cwd=ROOT, env=environment
            )
            assert await health.wait() == 0
            process.send_signal(signal.SIGTERM)
            _, log = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert process.returncode == 0, log.decode()
    assert TOKEN.encode() not in log
    assert not re.search(rb'"level": "(WARNING|ERROR)"', log), log.decode()
