"""Structured logs: one JSON object a line on standard error, with the job it is about and no secret in it."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import urllib.parse
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

from core.settings import Settings

#: Id of the job that the current thread or task works for; every line logged meanwhile carries it.
#: A thread of its own starts without it: run it in `contextvars.copy_context()` where it should go along.
job_id_context: ContextVar[str | None] = ContextVar("job_id", default=None)

_HIDDEN = "[hidden]"

#: Secrets known by their shape, each with the part to keep in group 1.
_SECRET_SHAPES = (
    # scheme://user:password@host
    re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)", re.IGNORECASE),
    # Discord's addresses that hold an interaction or webhook token.
    re.compile(r"(/(?:interactions|webhooks)/\d+/)[^\s/?\"']+"),
    # The same tokens by themselves: base64 of "interaction:".
    re.compile(r"()\baW50ZXJhY3Rpb246[\w+/=-]+"),
    # A bot token: three dotted parts, the first of them the base64 of a user id.
    re.compile(r"()\b[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,}"),
    # What makes a presigned address usable.
    re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+", re.IGNORECASE),
)


@contextlib.contextmanager
def about_job(job_id: str) -> Iterator[None]:
    """Mark everything logged inside as being about this job."""
    token = job_id_context.set(job_id)
    try:
        yield
    finally:
        job_id_context.reset(token)


def configure_logging(process_name: str, settings: Settings) -> None:
    """Send every logger of this process to standard error as JSON lines; call it once, first thing."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(process_name, secrets_of(settings)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    logging.captureWarnings(True)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every value among the settings that must never be written anywhere."""
    candidates = [
        settings.discord_token,
        urllib.parse.urlsplit(settings.database_url).password,
        urllib.parse.urlsplit(settings.redis_url).password,
    ]
    if settings.s3 is not None:
        candidates += [settings.s3.access_key, settings.s3.secret_key]
    return tuple(value for value in candidates if value)


class Redactor:
    """Replaces secrets in a text: those given, and those that can be known by their shape."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # A password may come percent-encoded in an address or bare in a driver's message.
        bare = {urllib.parse.unquote(secret) for secret in secrets}
        spellings = bare | {urllib.parse.quote(secret, safe="") for secret in bare}
        # The longest first, so that no secret's tail outlives a shorter one's replacement.
        ordered = sorted(spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(_HIDDEN, text)
        for shape in _SECRET_SHAPES:
            text = shape.sub(rf"\g<1>{_HIDDEN}", text)
        return text


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time (UTC), level, process, logger, job_id, message, exception."""

    def __init__(self, process_name: str, secrets: Iterable[str]) -> None:
        super().__init__()
        self._process_name = process_name
        self._redact = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": self._process_name,
            "logger": record.name,
            "job_id": job_id_context.get(),
            "message": self._redact(record.getMessage()),
            "exception": self._redact(self.formatException(record.exc_info)) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None})
