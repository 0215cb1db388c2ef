"""Answers as they go over the wire."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .call import Answer

MESSAGES = {"shared": "The resource is being rate limited."}


def rendered(answer: Answer, headers: Mapping[str, str]) -> web.Response:
    """The answer as JSON, or empty."""
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    # discord.py compares the type as a whole: a charset would turn JSON into text.
    body: Any = json.dumps(answer.body).encode()
    return web.Response(status=answer.status, body=body, content_type="application/json", headers=headers)


def rate_limited(retry_after_s: float, *, scope: str) -> Answer:
    """A 429 in Discord's own words."""
    body = {
        "message": MESSAGES.get(scope, "You are being rate limited."),
        "code": 0,
        "retry_after": round(retry_after_s, 3),
        "global": scope == "global",
    }
    return Answer(status=429, body=body)


def banned(left_s: float) -> web.Response:
    """What Cloudflare says in front of Discord to who made too many invalid requests: no JSON, no `Via`."""
    headers = {"Retry-After": str(int(left_s) + 1)}
    return web.Response(status=429, text="error code: 1015", content_type="text/plain", headers=headers)


def failed_gateway(status: int) -> web.Response:
    """A proxy's own page where Discord did not answer it."""
    return web.Response(status=status, text=f"<html>{status}</html>", content_type="text/html")
