"""python -m sandbox: a local Discord as a process of its own; it prints one line with its address."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from .app import serving
from .openapi import DescriptionMissing
from .settings import Settings

OPENAPI_HELP = "Discord's API description ($DISCORD_OPENAPI, else %(default)s)"


async def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    options = _options()
    settings = Settings(rate_limits=not options.no_rate_limits, token=options.token, openapi=options.openapi)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with serving(settings, host=options.host, port=options.port) as discord:
            print(f"Local Discord: {discord.url}", flush=True)
            await stop.wait()
    except (OSError, DescriptionMissing) as error:
        sys.exit(f"The local Discord cannot start: {error}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A local Discord.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (a free one)")
    parser.add_argument("--token", help="the only bot token to let in (any)")
    parser.add_argument("--no-rate-limits", action="store_true", help="let every request through")
    parser.add_argument("--openapi", type=Path, default=Settings().openapi, help=OPENAPI_HELP)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
