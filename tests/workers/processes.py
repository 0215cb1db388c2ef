"""Real worker and keeper processes on a tiny model of random weights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.request import Adapter, Request
from core.stages import Decode, Denoise, EncodeText
from db import submitting
from db.jobs import Job
from tests.db.studio import GUILD, IMAGE_PRICE, Studio
from tests.workers.workplace import wait_for

#: Importing torch and diffusers on a busy machine.
START_S = 60.0


class Process:
    """One process, its log and its end."""

    def __init__(self, module: str, environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                env=os.environ | environment,
                stdout=subprocess.DEVNULL,
                stderr=output,
            )

    def wait_until_ready(self) -> None:
        wait_for(lambda: self.said("ready") or self._process.poll() is not None, START_S)
        assert self._process.poll() is None, self._log.read_text()

    def lines(self) -> list[dict[str, Any]]:
        """What it logged so far."""
        return [json.loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]

    def said(self, words: str) -> bool:
        return any(words in line["message"] for line in self.lines())

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float = 30.0) -> int:
        """Its exit status."""
        return self._process.wait(seconds)

    def kill(self) -> None:
        """kill -9; nothing happens where it has ended."""
        self._process.kill()
        self._process.wait()


class Processes:
    """All processes of one test, over one database, Redis and data directory."""

    def __init__(self, studio: Studio, redis_url: str, models: Path, folder: Path, lease_s: float) -> None:
        self.studio = studio
        self._folder = folder
        self._started: list[Process] = []
        self._interactions = 0
        self._environment = {
            "ATELIER_DATA_DIR": str(folder / "data"),
            "ATELIER_DATABASE_URL": studio.database.engine.url.render_as_string(hide_password=False),
            "ATELIER_REDIS_URL": redis_url,
            "ATELIER_MODEL_DIRS": str(models),
            "ATELIER_DEVICE": "cpu",
            "ATELIER_LEASE_SECONDS": str(lease_s),
            "OMP_NUM_THREADS": "1",
        }

    def worker(self, *more_models: Path) -> Process:
        """A worker, which may have more model directories than the others."""
        directories = ":".join([self._environment["ATELIER_MODEL_DIRS"], *map(str, more_models)])
        process = self._start("workers", ATELIER_MODEL_DIRS=directories)
        process.wait_until_ready()
        return process

    def keeper(self) -> Process:
        process = self._start("workers.keeper")
        process.wait_until_ready()
        return process

    def close(self) -> None:
        for process in self._started:
            process.signal(signal.SIGCONT)
            process.kill()

    def submit(
        self, *, steps: int, count: int = 1, member: int = 1, adapters: tuple[Adapter, ...] = ()
    ) -> Job:
        """A job for the tiny model; no doorbell is rung."""
        denoise = Denoise(
            sampler="DDIM", schedule="normal", steps=steps, guidance_scale=5.0, width=32, height=32
        )
        request = Request(
            model="tiny",
            seed=self._interactions,
            stages=(EncodeText(prompt="a red fox"), denoise, Decode()),
            count=count,
            adapters=adapters,
        )
        self._interactions += 1
        new = submitting.NewJob(
            account_id=self.studio.account(member),
            member_id=member,
            guild_id=GUILD,
            channel_id=20,
            interaction_id=self._interactions,
            request=request,
            image_price=IMAGE_PRICE,
        )
        with self.studio.database.begin() as session:
            return submitting.submit(session, new)

    def _start(self, module: str, **environment: str) -> Process:
        log = self._folder / f"{module}-{len(self._started)}.log"
        self._started.append(Process(module, self._environment | environment, log))
        return self._started[-1]
