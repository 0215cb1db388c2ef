"""Only programs and pages of this machine: a page elsewhere must not drive the local Discord.

Its reader's browser could reach it, but says in `Origin` which page asks, on every WebSocket and POST. A page
whose own name is pointed to this machine (DNS rebinding) shows that name in `Host`, so the whole server, the
bot's API too, answers to addresses and to `localhost` alone.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def same_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for what another site's page sends, and for a name of this machine that another site may own."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return web.Response(status=403, text=f"Pages of {origin} may not use the local Discord.")
    if not _own_name(request.host):
        return web.Response(status=403, text="Open the local Discord by its address, or as localhost.")
    return await handler(request)


def _own_name(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
