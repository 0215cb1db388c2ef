"""Starting and stopping the server."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from . import cdn, gateway, page
from .keys import DISCORD
from .local import control
from .local.guard import same_machine
from .local.stream import Viewers
from .rest import pipeline
from .server import Discord
from .settings import Settings

LARGEST_BODY_BYTES = 256 << 20


def build_app(discord: Discord) -> web.Application:
    """Everything the server answers."""
    app = web.Application(client_max_size=LARGEST_BODY_BYTES, middlewares=[same_machine])
    app[DISCORD] = discord
    app.add_routes(pipeline.routes())
    app.add_routes(control.routes())
    viewers = Viewers(discord)
    app.add_routes(viewers.routes())
    app.on_shutdown.append(viewers.close)
    app.add_routes(page.routes())
    app.add_routes([web.get("/gateway", gateway.handle), web.get("/gateway/", gateway.handle)])
    app.add_routes([web.get("/attachments/{channel_id}/{attachment_id:\\d+}/{filename}", cdn.serve)])
    return app


@asynccontextmanager
async def serving(settings: Settings, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Discord]:
    """A running local Discord; port 0 takes a free one."""
    listening = socket.create_server((host, port))
    discord = Discord(url=f"http://{host}:{listening.getsockname()[1]}", settings=settings)
    runner = web.AppRunner(build_app(discord), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    try:
        yield discord
    finally:
        await discord.gateway.close()
        await runner.cleanup()
