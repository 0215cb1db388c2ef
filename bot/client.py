"""The bot: what its commands, buttons and background loops share, built from what it is given."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from redis.exceptions import RedisError

from actions.info import info
from actions.person import Person
from actions.studio import Studio
from bot.answering import answer_with_job
from bot.cogs import COGS
from bot.copies import send_copy
from bot.delivery import AT_ONCE, Deliverer
from bot.downloads import Downloads
from bot.embeds import info_embed
from bot.errors import answer_error
from bot.gallery_keeper import GalleryKeeper
from bot.given import GivenPictures
from bot.limits import UploadLimits
from bot.making import Making
from bot.mentions import CommandMentions
from bot.menus import add_menus
from bot.people import person_of
from bot.placeholder import Placeholders
from bot.posts import ended_post
from bot.progress import Progress
from bot.reactions import Reactions
from bot.remover import Remover
from bot.speaking import speak_with_each
from bot.terms import AcceptTerms
from bot.throttle import Throttle
from bot.translator import CommandTranslator
from bot.turns import Turns
from bot.verbs import ITEMS
from core.events import EventKind, listen, open_redis
from core.settings import Settings
from db.jobs import Job

#: Seconds between two looks for deliveries and progress, where no event wakes them sooner.
LOOK_S_EMBEDDED = 0.25
LOOK_S = 2.0

#: Seconds until the commands are registered again, where Discord did not take them.
_SYNC_AGAIN_S = 10.0

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


class Tree(app_commands.CommandTree["Atelier"]):
    """Commands whose errors go to the one handler."""

    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        await answer_error(interaction, error)


class Atelier(commands.Bot):
    """A gateway connection with slash commands, lasting buttons, and the loops that deliver."""

    def __init__(self, studio: Studio, settings: Settings) -> None:
        # No voice is used, so its missing libraries are no news.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            # Never read: every command is a slash command. A mention needs no privileged intent.
            command_prefix=commands.when_mentioned,
            help_command=None,
            # Servers, channels and reactions, none of them privileged; interactions need no intent.
            intents=discord.Intents(guilds=True, guild_reactions=True, dm_reactions=True),
            owner_ids=set(settings.owner_ids),
            allowed_mentions=discord.AllowedMentions.none(),
            # READY doesn't wait for servers to arrive: no command needs their cache.
            guild_ready_timeout=0,
            tree_cls=Tree,
            max_messages=None,
        )
        self.studio = studio
        look_s = LOOK_S_EMBEDDED if settings.embedded else LOOK_S
        self.mentions = CommandMentions()
        self.turns = Turns()
        self.throttle = Throttle()
        self.limits = UploadLimits(self)
        self.placeholders = Placeholders(self)
        self.progress = Progress(self, interval_s=look_s)
        self.deliverer = Deliverer(self, bot_id=f"{socket.gethostname()}-{os.getpid()}", interval_s=look_s)
        self.given = GivenPictures(self, Downloads(settings.sandbox_url))
        self.reactions = Reactions(self)
        self.gallery = GalleryKeeper(self, interval_s=look_s)
        self.remover = Remover(self)
        self._slow = ThreadPoolExecutor(max_workers=2 * AT_ONCE, thread_name_prefix="pictures")
        self._redis_url = settings.redis_url
        self._loops: list[asyncio.Task[None]] = []

    async def setup_hook(self) -> None:
        self.add_dynamic_items(*ITEMS, AcceptTerms)
        speak_with_each(self)
        await self.tree.set_translator(CommandTranslator())
        await self.add_commands()
        for loop in (
            self._sync_commands(),
            self.deliverer.run(),
            self.progress.run(),
            self.gallery.run(),
            self.remover.run(),
            self._hear_events(),
        ):
            task = asyncio.create_task(loop)
            task.add_done_callback(_report)
            self._loops.append(task)

    async def add_commands(self) -> None:
        """All commands and menus; Discord does not know of them yet."""
        add_menus(self)
        for cog in COGS:
            await self.add_cog(cog(self))

    async def close(self) -> None:
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.reactions.close()
        # A storage that hangs must not keep the bot from ending.
        self._slow.shutdown(wait=False, cancel_futures=True)
        await super().close()

    def dispatch(self, event: str, /, *arguments: Any, **options: Any) -> None:
        super().dispatch(event, *arguments, **options)
        # Here, and in no listener, which would run later: the event's number is read from the socket.
        if event.startswith("raw_reaction_"):
            self.reactions.hear(*arguments, session=self.ws.session_id, number=self.ws.sequence)

    @property
    def is_connected(self) -> bool:
        """Signed in, and the gateway's socket is open: `is_ready` alone stays true after a drop."""
        return self.is_ready() and self.ws.open

    @property
    def loops_run(self) -> bool:
        """No background loop was ended by an error."""
        return not any(_failed(loop) for loop in self._loops)

    async def redis_answers(self) -> bool:
        def ping() -> bool:
            with open_redis(self._redis_url) as client:
                return bool(client.ping())

        try:
            return await asyncio.to_thread(ping)
        except RedisError:
            return False

    def wake(self) -> None:
        """Something changed that the loops should look at now."""
        self.deliverer.wake.set()
        self.progress.wake.set()
        self.remover.wake.set()

    async def beside(self, work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        """As `asyncio.to_thread`, for what waits for the storage or encodes pictures.

        It has threads of its own, so that commands and buttons, which ask only the database, go on.
        """
        call = partial(copy_context().run, work, *arguments, **options)
        return await asyncio.get_running_loop().run_in_executor(self._slow, call)

    async def answer_with_job(
        self,
        interaction: discord.Interaction[Atelier],
        make: Making,
        *,
        private: bool = False,
        public: bool = False,
        like: str | None = None,
    ) -> Job:
        """As `bot.answering.answer_with_job`."""
        return await answer_with_job(interaction, make, private=private, public=public, like=like)

    async def show_job(self, interaction: discord.Interaction[Atelier], job_id: str) -> None:
        """Show a job, with its pictures if it has ended, to this person alone. Raises NotFound."""
        self.limits.learn(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        told = await asyncio.to_thread(info, self.studio, person_of(interaction), job_id)
        embed = info_embed(told)
        if not told.job.is_final:
            await interaction.followup.send(embed=embed, ephemeral=True)
            return
        limit = self.limits.of(interaction.guild_id)
        post = await self.beside(ended_post, self.studio.storage, told.job, told.images, limit=limit)
        await interaction.followup.send(**post.for_send(), embed=embed, ephemeral=True)

    async def send_copy(self, person: Person, job_id: str) -> None:
        """Send a job's pictures to the person's direct messages. Raises Refusal."""
        await send_copy(self, person, job_id)

    async def _sync_commands(self) -> None:
        """Register the commands, as often as it takes."""
        while True:
            try:
                self.mentions.learn(await self.tree.sync())
                return
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                logger.warning("The commands could not be registered yet: %r", error)
            await asyncio.sleep(_SYNC_AGAIN_S)

    async def _hear_events(self) -> None:
        async for event in listen(self._redis_url):
            if event.kind == EventKind.DELIVERY:
                self.deliverer.wake.set()
            else:
                self.progress.wake.set()


def _failed(loop: asyncio.Task[None]) -> bool:
    return loop.done() and not loop.cancelled() and loop.exception() is not None


def _report(loop: asyncio.Task[None]) -> None:
    if _failed(loop):
        logger.error("A loop of the bot has ended", exc_info=loop.exception())
