"""A studio with a local Discord in a directory of its own: for the demo, the benchmarks and the tests."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from core.errors import AtelierError
from core.health import ask
from core.settings import Settings, load_settings
from db.engine import Database, open_database
from launch import supervision
from launch.prepare import prepare
from launch.processes import local_discord, studio
from launch.single import only_studio
from sandbox.client import LocalClient

READY_TIMEOUT_S = 120

#: Not set, whatever `.env` says: a trial must not touch a real studio's database, Redis or bucket.
_EMBEDDED = {"ATELIER_DATABASE_URL": "", "ATELIER_REDIS_URL": "", "ATELIER_S3_BUCKET": ""}


class NotReady(AtelierError):
    """The studio did not come up in time; the text says which part and where its log is."""


class NotDelivered(AtelierError):
    """A member got no picture; the text is what the bot said instead."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A running studio and the addresses of its parts."""

    url: str
    settings: Settings
    database: Database
    supervisor: subprocess.Popen[bytes]
    #: What members do and see.
    members: LocalClient

    def log(self, process: str) -> Path:
        return self.settings.data_dir / "logs" / f"{process}.log"


@asynccontextmanager
async def running_trial(data_dir: Path, variables: Mapping[str, str] | None = None) -> AsyncIterator[Trial]:
    """Start the studio below `data_dir`; yield when it can draw; stop everything at the end.

    Raises:
        NotReady: a part did not come up within READY_TIMEOUT_S.
        AlreadyRunning: another studio uses the directory.
        SettingsError: a setting in the environment is wrong.
    """
    port = _free_port()
    environment = {**_EMBEDDED, **_local(port), "ATELIER_DATA_DIR": str(data_dir), **(variables or {})}
    settings = load_settings({**os.environ, **environment})
    prepare(settings)
    processes = (local_discord(port), *studio(settings))
    config = supervision.write_config(processes, data_dir / "run", data_dir / "logs")
    async with AsyncExitStack() as stack:
        stack.enter_context(only_studio(data_dir))
        supervisor = supervision.start(config, environment)
        stack.push_async_callback(asyncio.to_thread, supervision.stop, supervisor)
        database = open_database(settings.database_url)
        stack.callback(database.close)
        url = environment["ATELIER_SANDBOX_URL"]
        members = await stack.enter_async_context(LocalClient.connect(url))
        trial = Trial(url=url, settings=settings, database=database, supervisor=supervisor, members=members)
        await _until_ready(trial)
        yield trial


def _local(port: int) -> dict[str, str]:
    # The local Discord takes any token.
    return {"ATELIER_SANDBOX_URL": f"http://127.0.0.1:{port}", "DISCORD_TOKEN": "local"}


async def _until_ready(trial: Trial) -> None:
    """Wait for the bot's commands in the local Discord and for a healthy worker, which has a model."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not await _has_commands(trial.members):
        await _pause(deadline, trial, "bot")
    while not (await asyncio.to_thread(ask, "worker", trial.settings))[0]:
        await _pause(deadline, trial, "worker")


async def _has_commands(members: LocalClient) -> bool:
    try:
        town = await members.town()
        return bool(town["connected"] and await members.commands("olive", "studio"))
    except aiohttp.ClientConnectionError:
        return False


async def _pause(deadline: float, trial: Trial, process: str) -> None:
    if trial.supervisor.poll() is not None:
        raise NotReady(f"The supervisor ended; see {trial.log('supervisor')}.")
    if time.monotonic() > deadline:
        raise NotReady(f"The {process} did not come up within {READY_TIMEOUT_S} s; see {trial.log(process)}.")
    await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
