"""Where Discord is: the real one, or the local stand-in that the settings name."""

from __future__ import annotations

import discord
import yarl


def use_address(sandbox_url: str | None) -> None:
    """Point discord.py at a local Discord; None leaves it at the real one."""
    if sandbox_url is None:
        return
    base = sandbox_url.rstrip("/")
    discord.http.Route.BASE = f"{base}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(base.replace("http", "ws", 1) + "/gateway")
