"""Lines are JSON, carry the job they are about, and hold no secret."""

from __future__ import annotations

import contextvars
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.logs import JsonFormatter, about_job, configure_logging, secrets_of
from core.settings import Settings, load_settings

TOKEN = "M" + "TA" * 12 + ".GabcDE." + "x" * 38
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OmFiY2RlZg"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        {
            "ATELIER_DATA_DIR": str(tmp_path),
            "DISCORD_TOKEN": "not-shaped-like-a-token",
            "ATELIER_DATABASE_URL": "postgresql+psycopg://atelier:data%40base-pass@db/atelier",
            "ATELIER_REDIS_URL": "redis://:redis-pass@redis:6379/0",
            "ATELIER_S3_BUCKET": "pictures",
            "ATELIER_S3_ACCESS_KEY": "s3-access",
            "ATELIER_S3_SECRET_KEY": "s3-secret",
        }
    )


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    yield root
    root.handlers[:], level = before
    root.setLevel(level)
    logging.captureWarnings(False)


def formatted(settings: Settings, message: str, *arguments: object) -> dict[str, object]:
    record = logging.LogRecord("atelier.test", logging.WARNING, __file__, 1, message, arguments, None)
    return json.loads(JsonFormatter("worker", secrets_of(settings)).format(record))


def test_a_line_tells_when_who_what_and_which_job(
    settings: Settings, root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("worker", settings)
    assert len(root_logger.handlers) == 1
    with about_job("ABC"):
        logging.getLogger("atelier.test").info("step %d\nof many", 3)
    logging.getLogger("atelier.test").info("later")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "INFO",
        "process": "worker",
        "logger": "atelier.test",
        "job_id": "ABC",
        "message": "step 3\nof many",
    }
    assert "job_id" not in second


def test_the_job_goes_along_into_a_thread_by_its_context(settings: Settings) -> None:
    seen: list[object] = []
    with about_job("ABC"):
        context = contextvars.copy_context()
    thread = threading.Thread(
        target=lambda: context.run(lambda: seen.append(formatted(settings, "x").get("job_id")))
    )
    thread.start()
    thread.join()
    assert seen == ["ABC"]


def test_no_secret_of_the_settings_is_written(settings: Settings) -> None:
    secrets = (
        "not-shaped-like-a-token",
        "data@base-pass",
        "data%40base-pass",
        "redis-pass",
        "s3-access",
        "s3-secret",
    )
    for secret in secrets:
        message = formatted(settings, "the driver said: %s!", f"login with {secret} failed")["message"]
        assert message == "the driver said: login with [hidden] failed!", secret


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("redis://user:hunter2@host:6379/0", "redis://user:[hidden]@host:6379/0"),
        ("postgresql+psycopg://:hunter2@host/db", "postgresql+psycopg://:[hidden]@host/db"),
        (f"Authorization: Bot {TOKEN}", "Authorization: Bot [hidden]"),
        (
            "PATCH https://discord.com/api/v10/webhooks/123/abc-DEF_9/messages/@original",
            "PATCH https://discord.com/api/v10/webhooks/123/[hidden]/messages/@original",
        ),
        ("POST /interactions/123/abcdef/callback", "POST /interactions/123/[hidden]/callback"),
        (f"token={INTERACTION_TOKEN}", "token=[hidden]"),
        (
            "https://s3/b/jobs/a/0.png?X-Amz-Expires=60&X-Amz-Signature=abcdef&x=1",
            "https://s3/b/jobs/a/0.png?X-Amz-Expires=60&X-Amz-Signature=[hidden]&x=1",
        ),
        ("nothing to hide: http://localhost:80/a@b", "nothing to hide: http://localhost:80/a@b"),
    ],
)
def test_secrets_are_known_by_their_shape(settings: Settings, text: str, written: str) -> None:
    assert formatted(settings, "%s", text)["message"] == written


def test_a_traceback_is_redacted_too(settings: Settings) -> None:
    try:
        raise RuntimeError("cannot reach redis://:redis-pass@redis")
    except RuntimeError as error:
        information = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), information)
    line = JsonFormatter("worker", secrets_of(settings)).format(record)
    assert "RuntimeError" in json.loads(line)["exception"]
    assert "redis-pass" not in line
