"""The way of every request: faults, token, rate limits, description, handler, description, faults."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from ..errors import DiscordError
from ..faults import Fault, FaultKind
from ..keys import DISCORD
from ..ratelimits import Verdict
from ..server import Discord
from ..uploads import read_body
from . import application, guilds, messages, webhooks
from .call import Answer, Call, Route

BASE = "/api/v10"
ROUTES = (*application.ROUTES, *webhooks.ROUTES, *messages.ROUTES, *guilds.ROUTES)
DELAYS = (FaultKind.DELAY_BEFORE, FaultKind.DELAY_AFTER)
BAD_GATEWAYS = (FaultKind.BAD_GATEWAY_BEFORE, FaultKind.BAD_GATEWAY_AFTER)
BEFORE = (FaultKind.BAD_GATEWAY_BEFORE, FaultKind.DROP_BEFORE, FaultKind.DELAY_BEFORE, FaultKind.RATE_LIMITED)


def routes() -> list[web.RouteDef]:
    """All operations, and an answer for those that are not served."""
    served = [web.route(route.method, BASE + route.path, _handler(route)) for route in ROUTES]
    return [*served, web.route("*", BASE + "/{tail:.*}", _not_served)]


def _handler(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        discord = request.app[DISCORD]
        fault = discord.faults.take(route.method, route.path)
        if fault and fault.kind in BEFORE:
            spoiled = await _spoil(discord, route, request, fault)
            if spoiled is not None:
                return spoiled
        verdict = discord.limits.take(route.method, route.path, request.match_info)
        response = await _respond(discord, route, request, verdict)
        if fault and fault.kind not in BEFORE:
            spoiled = await _spoil(discord, route, request, fault)
            if spoiled is not None:
                return spoiled
        discord.note(route.method, route.path, response.status)
        return response

    return handle


async def _respond(discord: Discord, route: Route, request: web.Request, verdict: Verdict) -> web.Response:
    if verdict.refused and discord.settings.rate_limits:
        answer = _rate_limited(verdict.reset_after_s, everywhere=verdict.everywhere)
    else:
        answer = await _run(discord, route, request)
    discord.openapi.check_answer(route.method, route.path, status=answer.status, body=answer.body)
    return _rendered(answer, verdict.headers() if discord.settings.rate_limits else {})


async def _run(discord: Discord, route: Route, request: web.Request) -> Answer:
    try:
        if route.by_bot and not discord.token_ok(_bot_token(request)):
            raise DiscordError(401, 0, "401: Unauthorized")
        body, files = await read_body(request)
        path, query = request.match_info, request.query
        discord.openapi.check_request(route.method, route.path, path=path, query=query, body=body)
        return route.handler(Call(discord=discord, path=path, query=query, body=body, files=files))
    except DiscordError as error:
        return Answer(status=error.status, body=error.payload())


async def _spoil(discord: Discord, route: Route, request: web.Request, fault: Fault) -> web.Response | None:
    """What the caller sees of a fault; None lets the request go on after a delay."""
    if fault.kind in DELAYS:
        await asyncio.sleep(fault.seconds)
        return None
    await request.read()  # a proxy fails after it has taken the request, not while it is being sent
    if fault.kind is FaultKind.RATE_LIMITED:
        answer = _rate_limited(fault.seconds, everywhere=False)
        discord.note(route.method, route.path, answer.status)
        return _rendered(answer, {"Retry-After": f"{fault.seconds:.3f}", "Via": "1.1 google"})
    if fault.kind in BAD_GATEWAYS:
        discord.note(route.method, route.path, 502)
        return web.Response(status=502, text="<html>502 Bad Gateway</html>", content_type="text/html")
    discord.note(route.method, route.path, 0)
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # nobody is left to read it


async def _not_served(request: web.Request) -> web.StreamResponse:
    """404 for what Discord has and this does not, noted as a violation so that no test overlooks it."""
    discord = request.app[DISCORD]
    route = request.path.removeprefix(BASE)
    await request.read()
    discord.openapi.note_unserved(request.method, route)
    discord.note(request.method, route, 404)
    return _rendered(Answer(status=404, body={"message": "404: Not Found", "code": 0}), {})


def _bot_token(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bot" else ""


def _rate_limited(retry_after_s: float, *, everywhere: bool) -> Answer:
    body = {"message": "You are being rate limited.", "code": 0, "retry_after": round(retry_after_s, 3)}
    return Answer(status=429, body=body | {"global": everywhere})


def _rendered(answer: Answer, headers: Mapping[str, str]) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    # discord.py compares the type as a whole: a charset would turn JSON into text.
    body: Any = json.dumps(answer.body).encode()
    return web.Response(status=answer.status, body=body, content_type="application/json", headers=headers)
