"""The words of `/admin`."""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from importlib.metadata import version

from actions.health import StudioHealth
from bot.text import credits, duration
from core.switches import STUDIO, Switch
from core.text import escape_markdown, shorten
from core.words import _, ngettext
from db.switches import Off
from db.usage import Usage
from db.workers import LiveWorker

#: Seconds without a sign of life after which a worker seems lost: it gives one every five.
_SILENT_S = 30.0
#: Seconds of Discord's answer to a heartbeat that are no good sign.
_SLOW_S = 5.0


def off_line(off: Off) -> str:
    """What is off, where, and why."""
    where = _("the whole studio") if off.guild_id == STUDIO else _("this server")
    match off.switch:
        case Switch.PAUSE:
            said = _("⏸️ paused: {where}", where=where)
        case Switch.DRAIN:
            said = _("🚰 worker `{name}` takes no more", name=off.name)
        case Switch.MODEL:
            said = _("🚫 model `{name}`: {where}", name=off.name, where=where)
    return f"{said} ({escape_markdown(off.reason)})" if off.reason else said


def usage_line(place: int, used: Usage) -> str:
    pictures = ngettext("{number} picture", "{number} pictures", used.pictures)
    return f"{place}. <@{used.member_id}> · {credits(used.credits)} · {pictures}"


def usage_alt_text(found: Sequence[Usage]) -> str:
    """What the chart shows, read aloud."""
    bars = "; ".join(f"{place}: {used.credits}" for place, used in enumerate(found, 1))
    return shorten(_("Bars of the credits that each member of the list used: {bars}", bars=bars), 1024)


def health_lines(found: StudioHealth, *, redis_ok: bool, gateway_s: float) -> list[str]:
    """A line for each part, those that work with ✅."""
    lines = [_worker_line(worker) for worker in found.workers]
    if not lines:
        lines = [_mark(False) + _("no worker is running")]
    queue = _(
        "{queued} waiting, {running} being made", queued=found.queue.queued, running=found.queue.running
    )
    storage = _("storage: {time}", time=_ms(found.storage_ms)) if found.storage_ms is not None else None
    return [
        *lines,
        _mark(True) + queue,
        _mark(True) + _("database: {kind}, {time}", kind=found.database, time=_ms(found.database_ms)),
        _mark(storage is not None) + (storage or _("the storage does not answer")),
        _mark(redis_ok) + (_("Redis answers") if redis_ok else _("Redis does not answer")),
        _mark(gateway_s < _SLOW_S) + _("Discord: {time}", time=_ms(1000 * gateway_s)),
        f"-# Python {platform.python_version()} · discord.py {version('discord.py')}"
        f" · SQLAlchemy {version('sqlalchemy')}",
    ]


def _worker_line(worker: LiveWorker) -> str:
    facts = [
        f"`{worker.id}` {escape_markdown(worker.device)}",
        ngettext("{number} job", "{number} jobs", worker.running),
        # Translators: when a worker gave its last sign of life.
        _("seen {time} ago", time=duration(worker.seen_s)),
    ]
    if worker.drained:
        # Translators: a worker begins no new jobs.
        facts.append(_("takes no more"))
    if worker.resident:
        facts.append(_("in memory: {models}", models=", ".join(worker.resident)))
    return _mark(worker.seen_s < _SILENT_S) + " · ".join(facts)


def _mark(ok: bool) -> str:
    return "✅ " if ok else "❌ "


def _ms(milliseconds: float) -> str:
    return "–" if math.isnan(milliseconds) else f"{milliseconds:.0f} ms"
