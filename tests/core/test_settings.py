"""Settings: defaults, refusals that name the variable, and secrets that do not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import load_settings


def test_the_default_is_the_embedded_studio(tmp_path: Path) -> None:
    settings = load_settings({"ATELIER_DATA_DIR": str(tmp_path)})
    assert settings.embedded
    assert settings.embedded_redis
    assert settings.s3 is None
    assert settings.database_url == f"sqlite:///{tmp_path}/atelier.db"


def test_a_redis_of_ones_own_is_not_embedded(tmp_path: Path) -> None:
    settings = load_settings({"ATELIER_DATA_DIR": str(tmp_path), "ATELIER_REDIS_URL": "redis://there:6379/0"})
    assert not settings.embedded_redis
    assert settings.redis_url == "redis://there:6379/0"


def test_a_deep_data_directory_still_gets_a_socket_that_the_kernel_takes(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    settings = load_settings({"ATELIER_DATA_DIR": str(deep)})
    path = settings.redis_url.removeprefix("unix://")
    assert len(path) <= 100
    other = load_settings({"ATELIER_DATA_DIR": str(tmp_path / ("e" * 90))})
    assert other.redis_url != settings.redis_url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ATELIER_MAX_WIDTH", "3"),
        ("ATELIER_LEASE_SECONDS", "soon"),
        ("ATELIER_LEASE_SECONDS", "nan"),
        ("ATELIER_STARTING_CREDITS", "-1"),
        ("ATELIER_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({name: value})
    assert name in str(refused.value)
    assert value in str(refused.value)


def test_an_empty_variable_counts_as_not_set() -> None:
    settings = load_settings({"DISCORD_TOKEN": " ", "ATELIER_MAX_WIDTH": ""})
    assert settings.discord_token is None
    assert settings.max_width == 8


def test_secrets_do_not_show() -> None:
    settings = load_settings(
        {
            "DISCORD_TOKEN": "token-secret",
            "ATELIER_DATABASE_URL": "postgresql+psycopg://user:password-secret@host/db",
            "ATELIER_S3_BUCKET": "pictures",
            "ATELIER_S3_ACCESS_KEY": "key-secret",
            "ATELIER_S3_SECRET_KEY": "other-secret",
        }
    )
    assert settings.s3 is not None
    assert settings.s3.secret_key == "other-secret"
    assert "secret" not in repr(settings)
    assert "secret" not in repr(settings.s3)
