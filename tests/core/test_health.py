"""The health answer, asked over a real socket and by the command that containers use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from core.health import CheckResult, HealthServer, ask
from core.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"ATELIER_DATA_DIR": str(tmp_path)})


def well() -> CheckResult:
    return CheckResult(True, "ticking")


def ill() -> CheckResult:
    return CheckResult(False, "no tick for 130 s")


def broken() -> CheckResult:
    raise ConnectionError("postgresql://user:password@host refused")


def test_all_well(settings: Settings) -> None:
    with HealthServer("worker", settings, {"engine": well}):
        ok, words = ask("worker", settings)
    assert ok
    assert json.loads(words) == {"ok": True, "checks": {"engine": {"ok": True, "detail": "ticking"}}}


def test_processes_with_the_same_settings_answer_each_for_itself(settings: Settings) -> None:
    with HealthServer("bot", settings, {"discord": well}), HealthServer("worker", settings, {"engine": ill}):
        assert [ask(process, settings)[0] for process in ("bot", "worker")] == [True, False]


def test_one_failed_check_is_told_by_name_without_its_secrets(settings: Settings) -> None:
    with HealthServer("worker", settings, {"engine": ill, "redis": well, "database": broken}):
        ok, words = ask("worker", settings)
    assert not ok
    checks = json.loads(words)["checks"]
    assert [name for name, result in checks.items() if not result["ok"]] == ["engine", "database"]
    assert checks["database"]["detail"] == "ConnectionError"
    assert "password" not in words


def test_nothing_else_is_answered(settings: Settings) -> None:
    with HealthServer("bot", settings, {}) as server, pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/")
    assert refused.value.code == 404
    refused.value.close()


def test_a_process_that_is_gone_is_ill(settings: Settings) -> None:
    with HealthServer("keeper", settings, {}):
        assert ask("keeper", settings)[0]
    ok, words = ask("keeper", settings)
    assert not ok
    assert "does not answer" in words


def test_the_command_exits_by_the_answer(settings: Settings) -> None:
    environment = os.environ | {"ATELIER_DATA_DIR": str(settings.data_dir)}
    command = [sys.executable, "-m", "core.health", "worker"]
    with HealthServer("worker", settings, {"engine": well}):
        assert subprocess.run(command, env=environment, capture_output=True).returncode == 0
    assert subprocess.run(command, env=environment, capture_output=True).returncode == 1
