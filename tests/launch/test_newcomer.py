"""The demo opens its page where somebody can see it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launch.newcomer import has_display

ADDRESS = "http://127.0.0.1:40123"


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": ":0", "CI": "true"}, False),
    ],
)
def test_a_window_opens_only_where_someone_sees_it(environment: dict[str, str], shown: bool) -> None:
    assert has_display(environment) is shown


def test_the_page_opens_in_the_persons_own_browser(tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    code = f"from launch.newcomer import open_page; print(open_page({ADDRESS!r}))"
    environment = {**os.environ, "CI": "", "DISPLAY": ":0", "BROWSER": f"{browser} %s"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout.strip(), opened.read_text().strip()) == ("True", ADDRESS)
