"""Settings from the environment (and `.env`), read once by each process's entry point and passed on."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values

from core.errors import SettingsError

#: The model that ships with Atelier.
STARTER_MODEL_DIR = Path("models/starter/weights")

_T = TypeVar("_T", int, str)


@dataclass(frozen=True, kw_only=True)
class S3Settings:
    """An S3 bucket and how to reach it. Keys never appear in `repr`, logs or messages."""

    bucket: str
    endpoint_url: str | None
    region: str
    access_key: str | None
    secret_key: str | None

    def __repr__(self) -> str:
        return f"S3Settings(bucket={self.bucket!r}, endpoint_url={self.endpoint_url!r})"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that may differ between two installations. The defaults are the embedded studio."""

    data_dir: Path
    #: SQLAlchemy URL. `ATELIER_DATABASE_URL`; default SQLite in the data directory.
    database_url: str
    #: `ATELIER_REDIS_URL`; default the embedded Redis on a unix socket in the data directory.
    redis_url: str
    #: True where `ATELIER_REDIS_URL` is not set, so that the supervisor starts an embedded Redis.
    embedded_redis: bool
    #: None: pictures are files below `data_dir / "objects"`.
    s3: S3Settings | None
    #: Directories with models, searched in order (`ATELIER_MODEL_DIRS`, separated by colons).
    model_dirs: tuple[Path, ...]
    #: `DISCORD_TOKEN`; None where only a worker or the keeper runs.
    discord_token: str | None
    #: Discord ids of those who own the studio, besides the bot's own owner or team (`ATELIER_OWNERS`).
    owner_ids: frozenset[int]
    #: Base address of a local Discord (`ATELIER_SANDBOX_URL`); None is the real one.
    sandbox_url: str | None
    #: torch device of the engine (`ATELIER_DEVICE`): "auto", "cpu", "cuda", "cuda:1", "mps".
    device: str
    #: GiB of memory that the engine may reckon with (`ATELIER_MEMORY`); None: a graphics card's, half of a
    #: computer's.
    memory_gib: float | None
    #: Most rows of one UNet call (`ATELIER_MAX_WIDTH`): 1, 2, 4, 8 or 16.
    max_width: int
    #: Seconds that a worker holds a job without renewing (`ATELIER_LEASE_SECONDS`).
    lease_seconds: float
    #: Seconds without a tick after which a busy engine counts as hung (`ATELIER_WATCHDOG_SECONDS`).
    watchdog_seconds: float
    #: Credits that a new account starts with (`ATELIER_STARTING_CREDITS`).
    starting_credits: int
    #: "DEBUG", "INFO", "WARNING" or "ERROR" (`ATELIER_LOG_LEVEL`).
    log_level: str

    @property
    def embedded(self) -> bool:
        """True on the embedded default (SQLite): local latencies, one machine."""
        return self.database_url.startswith("sqlite")

    def __repr__(self) -> str:
        # Addresses and tokens hold secrets, so only what helps a reader and cannot leak is shown.
        return f"Settings(data_dir={str(self.data_dir)!r}, embedded={self.embedded}, s3={self.s3!r})"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `.env` in the working directory, overridden by the environment.

    Raises:
        SettingsError: a value cannot be read; the text names the variable and what would do.
    """
    values = _Values(_merged() if environment is None else environment)
    data_dir = Path(values.text("ATELIER_DATA_DIR", "data")).absolute()
    return Settings(
        data_dir=data_dir,
        database_url=values.text("ATELIER_DATABASE_URL", f"sqlite:///{data_dir / 'atelier.db'}"),
        redis_url=values.text("ATELIER_REDIS_URL", f"unix://{_redis_socket(data_dir)}"),
        embedded_redis=values.optional("ATELIER_REDIS_URL") is None,
        s3=_s3(values),
        model_dirs=tuple(
            Path(part).absolute()
            for part in values.text("ATELIER_MODEL_DIRS", f"{data_dir / 'models'}:{STARTER_MODEL_DIR}").split(
                ":"
            )
        ),
        discord_token=values.optional("DISCORD_TOKEN"),
        owner_ids=values.ids("ATELIER_OWNERS"),
        sandbox_url=values.optional("ATELIER_SANDBOX_URL"),
        device=values.text("ATELIER_DEVICE", "auto"),
        memory_gib=values.optional_number("ATELIER_MEMORY", low=0.01, high=10_000.0),
        max_width=values.choice("ATELIER_MAX_WIDTH", 8, (1, 2, 4, 8, 16)),
        lease_seconds=values.number("ATELIER_LEASE_SECONDS", 15.0, low=1.0, high=600.0),
        watchdog_seconds=values.number("ATELIER_WATCHDOG_SECONDS", 120.0, low=1.0, high=3600.0),
        starting_credits=int(values.number("ATELIER_STARTING_CREDITS", 1000, low=0, high=1e9)),
        log_level=values.choice("ATELIER_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    )


def _redis_socket(data_dir: Path) -> Path:
    """Where the embedded Redis listens; the kernel allows a socket's path about 100 bytes."""
    socket = data_dir / "run" / "redis.sock"
    if len(os.fsencode(socket)) <= 100:
        return socket
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"atelier-{os.getuid()}-{digest}" / "redis.sock"


def _merged() -> dict[str, str]:
    from_file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return {**from_file, **os.environ}


def _s3(values: _Values) -> S3Settings | None:
    bucket = values.optional("ATELIER_S3_BUCKET")
    if bucket is None:
        return None
    return S3Settings(
        bucket=bucket,
        endpoint_url=values.optional("ATELIER_S3_ENDPOINT_URL"),
        region=values.text("ATELIER_S3_REGION", "us-east-1"),
        access_key=values.optional("ATELIER_S3_ACCESS_KEY"),
        secret_key=values.optional("ATELIER_S3_SECRET_KEY"),
    )


@dataclass(frozen=True)
class _Values:
    """Typed reading of environment variables; an empty one counts as not set."""

    environment: Mapping[str, str]

    def optional(self, name: str) -> str | None:
        return self.environment.get(name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        text = self.text(name, str(default))
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise SettingsError(f"{name} is {text!r}: it must be a number from {low:g} to {high:g}.")
        return number

    def optional_number(self, name: str, *, low: float, high: float) -> float | None:
        return None if self.optional(name) is None else self.number(name, low, low=low, high=high)

    def ids(self, name: str) -> frozenset[int]:
        typed = [part.strip() for part in self.text(name, "").split(",")]
        wrong = next((part for part in typed if part and not part.isdecimal()), None)
        if wrong is not None:
            raise SettingsError(f"{name} holds {wrong!r}: it must be Discord ids with commas between them.")
        return frozenset(int(part) for part in typed if part)

    def choice(self, name: str, default: _T, allowed: tuple[_T, ...]) -> _T:
        text = self.text(name, str(default))
        for value in allowed:
            if str(value) == text:
                return value
        raise SettingsError(f"{name} is {text!r}: it must be one of {', '.join(map(str, allowed))}.")
