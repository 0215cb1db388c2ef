"""What the bot's health answer looks at."""

from __future__ import annotations

from collections.abc import Mapping

from bot.client import Atelier
from core.health import Check, CheckResult
from db.queue import queue_size


def health_checks(client: Atelier) -> Mapping[str, Check]:
    return {
        "discord": lambda: _discord(client),
        "loops": lambda: CheckResult(client.loops_run),
        "database": lambda: _database(client),
    }


def _discord(client: Atelier) -> CheckResult:
    return CheckResult(client.is_connected, "connected" if client.is_connected else "not connected")


def _database(client: Atelier) -> CheckResult:
    with client.studio.database.read() as session:
        return CheckResult(True, f"{queue_size(session).queued} jobs waiting")
