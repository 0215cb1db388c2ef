"""The way of every request: faults, rate limits, token, description, handler, description, faults."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from ..errors import DiscordError
from ..keys import DISCORD
from ..server import Discord
from ..uploads import read_body
from . import (
    application,
    cdn,
    channels,
    commands,
    guilds,
    interactions,
    messages,
    pins,
    reactions,
    threads,
    webhooks,
)
from .call import Answer, Call, Route
from .faulty import faulty
from .rendering import banned, rate_limited, rendered

BASE = "/api/v10"
PARTS = (
    application,
    commands,
    interactions,
    webhooks,
    pins,
    messages,
    reactions,
    threads,
    channels,
    guilds,
    cdn,
)
ROUTES: tuple[Route, ...] = tuple(route for part in PARTS for route in part.ROUTES)
CUT = 0  # stands for the status of a dropped connection


def routes() -> list[web.RouteDef]:
    """All operations, and an answer for those that are not served."""
    served = [web.route(route.method, BASE + route.path, _handler(route)) for route in ROUTES]
    return [*served, web.route("*", BASE + "/{tail:.*}", _not_served)]


def _handler(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        discord = request.app[DISCORD]

        async def respond() -> web.Response:
            return await _respond(discord, route, request)

        fault = discord.faults.take(route.method, route.path)
        going = respond() if fault is None else faulty(fault, discord.limits, route, request, respond)
        answer = await going
        if answer is None:
            discord.note(route.method, route.path, CUT)
            return web.Response()  # nobody is left to read it
        discord.note(route.method, route.path, answer.status)
        discord.invalid.count(answer.status, answer.headers.get("X-RateLimit-Scope"))
        return answer

    return handle


async def _respond(discord: Discord, route: Route, request: web.Request) -> web.Response:
    """What comes back when nothing goes wrong on the way."""
    banned_s = discord.invalid.banned_s()
    if banned_s:
        await request.read()
        return banned(banned_s)
    verdict = discord.limits.take(route.method, route.path, request.match_info)
    if verdict.scope is not None and discord.settings.rate_limits:
        answer = rate_limited(verdict.reset_after_s, scope=verdict.scope)
    else:
        answer = await _run(discord, route, request)
    if route.described:
        discord.openapi.check_answer(route.method, route.path, status=answer.status, body=answer.body)
    return rendered(answer, verdict.headers() if discord.settings.rate_limits else {})


async def _run(discord: Discord, route: Route, request: web.Request) -> Answer:
    try:
        if route.by_bot and not discord.token_ok(_token(request, "Bot")):
            raise DiscordError(401, 0, "401: Unauthorized")
        body, files = await read_body(request)
        path, query = request.match_info, request.query
        if route.described:
            discord.openapi.check_request(route.method, route.path, path=path, query=query, body=body)
        bearer = _token(request, "Bearer") or None
        return route.handler(
            Call(discord=discord, path=path, query=query, body=body, files=files, bearer=bearer)
        )
    except DiscordError as error:
        return Answer(status=error.status, body=error.payload())


async def _not_served(request: web.Request) -> web.StreamResponse:
    """404 for what Discord has and this does not, noted as a violation so that no test overlooks it."""
    discord = request.app[DISCORD]
    route = request.path.removeprefix(BASE)
    await request.read()
    discord.openapi.note_unserved(request.method, route)
    discord.note(request.method, route, 404)
    return rendered(Answer(status=404, body={"message": "404: Not Found", "code": 0}), {})


def _token(request: web.Request, kind: str) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == kind else ""
