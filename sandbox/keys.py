"""The application key under which every handler finds the running server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from .server import Discord

DISCORD: web.AppKey[Discord] = web.AppKey("discord")
