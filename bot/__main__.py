"""`python -m bot`: builds everything from the settings, passes it in, and stops it in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from random import SystemRandom

import discord

from actions.studio import Studio
from bot.client import Atelier
from bot.discord_address import use_address
from bot.health import health_checks
from core.errors import SettingsError
from core.events import Doorbell
from core.health import HealthServer
from core.logs import configure_logging
from core.prompt.wildcard_files import WildcardFiles
from core.settings import Settings, load_settings
from core.storage import open_storage
from db.engine import open_database

#: Threads that ask the database. The usual six of a small machine may all wait for one writer.
_THREADS = 32

logger = logging.getLogger(__name__)


def main() -> int:
    try:
        settings = load_settings()
        token = settings.discord_token
        if token is None:
            raise SettingsError("DISCORD_TOKEN is not set: the bot needs it to sign in to Discord.")
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    configure_logging("bot", settings)
    use_address(settings.sandbox_url)
    try:
        asyncio.run(run(settings, token))
    except discord.LoginFailure:
        logger.error(
            "Discord refuses the DISCORD_TOKEN: it is mistyped, or was reset in the Developer Portal"
        )
        return 1
    except Exception:
        # Logged like everything else: a bare traceback could show an address with its password.
        logger.exception("this process can't go on")
        return 1
    logger.info("stopped")
    return 0


async def run(settings: Settings, token: str) -> None:
    """Serve until a signal asks to stop."""
    threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="database")
    asyncio.get_running_loop().set_default_executor(threads)
    database = open_database(settings.database_url)
    doorbell = Doorbell(settings.redis_url)
    # One thread of its own, so that no answer waits for a Redis that is away.
    ringing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="doorbell")
    studio = Studio(
        database=database,
        storage=open_storage(settings),
        ring=lambda job_id: ringing.submit(doorbell.ring, job_id),
        starting_credits=settings.starting_credits,
        rng=SystemRandom(),
        wildcards=WildcardFiles(settings.data_dir / "wildcards"),
    )
    client = Atelier(studio, settings)
    try:
        with HealthServer("bot", settings, health_checks(client)):
            await serve(client, token)
    finally:
        ringing.shutdown(wait=True)
        doorbell.close()
        database.close()


async def serve(client: Atelier, token: str) -> None:
    """Run the client until SIGTERM or SIGINT, or until it ends by itself."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with client:
        running = asyncio.create_task(client.start(token))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await client.close()
        await running


if __name__ == "__main__":
    status = main()
    # Everything is closed; a thread that still waits for a storage that hangs must not keep the process.
    logging.shutdown()
    os._exit(status)
