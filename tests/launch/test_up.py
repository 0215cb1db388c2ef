"""`make up` says what is missing, and prepares what the processes need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import load_settings
from db.engine import open_database
from db.workers import models_available
from launch.prepare import prepare
from launch.single import AlreadyRunning, only_studio


def _up(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DISCORD_TOKEN": "", **variables}
    command = [sys.executable, "-m", "launch.up"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_without_a_token_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = _up(ATELIER_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 2
    assert "DISCORD_TOKEN is not set" in done.stderr
    assert ".env" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = _up(ATELIER_DATA_DIR=str(tmp_path), ATELIER_MAX_WIDTH="three")
    assert done.returncode == 2
    assert "ATELIER_MAX_WIDTH" in done.stderr
    assert "Traceback" not in done.stderr


def test_prepare_makes_directories_and_schema_and_can_be_repeated(tmp_path: Path) -> None:
    settings = load_settings({"ATELIER_DATA_DIR": str(tmp_path / "data")})
    for _ in range(2):
        prepare(settings)
    assert {path.name for path in settings.data_dir.iterdir()} >= {"run", "logs", "objects", "models"}
    # Prompts and tokens lie in there.
    assert settings.data_dir.stat().st_mode & 0o077 == 0
    database = open_database(settings.database_url)
    try:
        with database.read() as session:
            assert models_available(session) == []
    finally:
        database.close()


def test_a_socket_directory_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    deep = tmp_path / ("d" * 90)
    settings = load_settings({"ATELIER_DATA_DIR": str(deep)})
    socket_dir = Path(settings.redis_url.removeprefix("unix://")).parent
    socket_dir.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory to another user")
    os.chown(socket_dir, 65534, 65534)
    with pytest.raises(PermissionError, match="ATELIER_REDIS_URL"):
        prepare(settings)


def test_a_data_directory_takes_one_studio(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    refused = pytest.raises(AlreadyRunning, match="ATELIER_DATA_DIR")
    with only_studio(tmp_path), refused, only_studio(tmp_path):
        pass
    with only_studio(tmp_path):
        pass
