"""A plain page at / that shows the channels' messages and pictures, to look at while the bot works."""

from html import escape
from typing import Any

from aiohttp import web

from .keys import DISCORD
from .server import Discord
from .state import TEXT_CHANNEL, Channel

SHOWN = 50
REFRESH_S = 2
STYLE = """
body { background: #313338; color: #dbdee1; font: 16px/1.4 system-ui, sans-serif; margin: 0 auto;
       max-width: 50rem; padding: 1rem; }
nav a { color: #00a8fc; margin-right: 1rem; }
article { border-top: 1px solid #3f4147; padding: .75rem 0; }
article p { margin: .25rem 0; overflow-wrap: anywhere; white-space: pre-wrap; }
img { border-radius: .5rem; image-rendering: pixelated; margin: .5rem .5rem 0 0; max-width: 100%;
      min-width: 8rem; }
.button { background: #4e5058; border-radius: .25rem; display: inline-block; margin: .5rem .5rem 0 0;
          padding: .25rem .75rem; }
time { color: #949ba4; font-size: .8rem; }
"""


async def show(request: web.Request) -> web.Response:
    """GET / or /channels/{name}."""
    discord = request.app[DISCORD]
    channels = [channel for channel in discord.world.channels.values() if channel.kind == TEXT_CHANNEL]
    name = request.match_info.get("name", channels[0].name)
    channel = next((channel for channel in channels if channel.name == name), None)
    if channel is None:
        raise web.HTTPNotFound(text=f"There is no channel {name}.")
    headers = {"Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"}
    return web.Response(text=_page(discord, channels, channel), content_type="text/html", headers=headers)


def routes() -> list[web.RouteDef]:
    """The page's addresses."""
    return [web.get("/", show), web.get("/channels/{name}", show)]


def _page(discord: Discord, channels: list[Channel], channel: Channel) -> str:
    bot_id = discord.world.bot.id
    seen = channel.visible_to(bot_id)[-SHOWN:]
    body = "".join(_article(discord.payloads.message(message)) for message in reversed(seen))
    links = "".join(f'<a href="/channels/{escape(c.name)}">#{escape(c.name)}</a>' for c in channels)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{REFRESH_S}">'
        '<meta name="viewport" content="width=device-width"><title>Local Discord</title>'
        f"<style>{STYLE}</style><nav>{links}</nav><h1>#{escape(channel.name)}</h1>"
        f"{body or '<p>No messages yet.</p>'}</html>"
    )


def _article(message: dict[str, Any]) -> str:
    texts = [message["content"]]
    for embed in message["embeds"]:
        texts += [embed.get("title"), embed.get("description")]
        texts += [f"{item['name']}: {item['value']}" for item in embed.get("fields", [])]
    shown = "".join(f"<p>{escape(text)}</p>" for text in texts if text)
    for attachment in message["attachments"]:
        name = escape(attachment["filename"])
        shown += f'<img src="{escape(_local(attachment["url"]))}" alt="{name}">'
    buttons = [part for row in message["components"] for part in row.get("components", [])]
    shown += "".join(f'<span class="button">{escape(b.get("label") or "…")}</span>' for b in buttons)
    when = escape(message["timestamp"][11:19])
    return f"<article><b>{escape(message['author']['username'])}</b> <time>{when}</time>{shown}</article>"


def _local(url: str) -> str:
    """The path of one of our own addresses, so that the page works under any name of this machine."""
    return "/" + url.split("/", 3)[3]
