"""Requests and answers as Discord's documentation shows them, played against the local Discord.

Each pair in `recorded/*.json` names its page, the state that it needs, the request and what the answer must
have: fields that the pair does not name may be anything.
"""

import io
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.client import LocalClient
from sandbox.settings import Settings
from sandbox.testing import LocalDiscord
from tests.sandbox.states import STATES, Scene

FILES = sorted(Path(__file__).with_name("recorded").glob("*.json"))
PAIRS: list[dict[str, Any]] = [pair for file in FILES for pair in json.loads(file.read_text())]
KINDS = {
    "<snowflake>": lambda value: isinstance(value, str) and value.isdigit(),
    "<timestamp>": lambda value: isinstance(value, str) and bool(re.match(r"\d{4}-\d\d-\d\dT", value)),
    "<text>": lambda value: isinstance(value, str) and bool(value),
    "<number>": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}
MISSING = object()


def test_there_are_at_least_forty_pairs() -> None:
    assert len({pair["name"] for pair in PAIRS}) == len(PAIRS) >= 40
    assert all(pair["page"].startswith("https://discord.com/developers/docs/") for pair in PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["name"])
async def test_the_answer_is_as_documented(pair: dict[str, Any]) -> None:
    settings = Settings(rate_limits="rate limits" in pair["state"])
    async with LocalDiscord.run(settings) as local, Scene.open(local) as scene:
        for state in pair["state"]:
            await STATES[state](scene)
        status, headers, body = await play(scene, filled(pair["request"], scene.names))
        expected = filled(pair["answer"], scene.names)
        assert status == expected["status"], body
        assert not differences(expected.get("headers", {}), headers, "headers")
        assert not differences(expected.get("body"), body, "body"), body
        await check_violations(local.client, refused=body)


async def play(scene: Scene, request: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    """Send the request; status, headers and body of its answer."""
    authorization = {None: "Bot token", "nobody": None}.get(request.get("as"), request.get("as"))
    headers = {"Authorization": authorization} if authorization else {}
    body: dict[str, Any] = {"data": request["text"]} if "text" in request else {"json": request.get("body")}
    if "files" in request:
        form = aiohttp.FormData()
        form.add_field("payload_json", json.dumps(request.get("body") or {}), content_type="application/json")
        for number, (filename, size) in enumerate(request["files"]):
            form.add_field(f"files[{number}]", io.BytesIO(b"x" * size), filename=filename)
        body = {"data": form}
    if "text" in request:
        headers["Content-Type"] = "application/json"
    url = f"{scene.local.api_url}{request['path']}"
    async with scene.session.request(
        request["method"], url, params=request.get("query"), headers=headers, **body
    ) as answer:
        text = await answer.text()
        return answer.status, dict(answer.headers), json.loads(text) if text else None


def filled(value: Any, names: dict[str, str]) -> Any:
    """`value` with {names} of the scene put in."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: names[found[1]], value)
    if isinstance(value, dict):
        return {filled(key, names): filled(item, names) for key, item in value.items()}
    return [filled(item, names) for item in value] if isinstance(value, list) else value


def differences(expected: Any, actual: Any, where: str) -> list[str]:
    """Where `actual` lacks something of what is expected."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            problem
            for key, item in expected.items()
            for problem in differences(item, actual.get(key, MISSING), f"{where}.{key}")
        ]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return [problem for n, (e, a) in pairs for problem in differences(e, a, f"{where}[{n}]")]
    if expected == "<absent>":
        fits = actual is MISSING
    elif isinstance(expected, str) and expected in KINDS:
        fits = KINDS[expected](actual)
    else:
        fits = expected == actual and type(expected) is type(actual)
    return [] if fits else [f"{where}: {actual!r} instead of {expected!r}"]


async def check_violations(client: LocalClient, *, refused: Any) -> None:
    """Nothing but a request that was refused for its form may have broken Discord's description."""
    found = await client.violations()
    if isinstance(refused, dict) and refused.get("code") == 50035:
        found = [violation for violation in found if violation["kind"] != "request"]
    assert not found
