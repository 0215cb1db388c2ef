"""Threads: begun at a message or without one, joined, archived, locked and deleted."""

from typing import Any

from .announcer import Announcer
from .chat import Chat
from .clock import Clock
from .errors import DiscordError
from .payloads import Payloads
from .permissions import sees
from .state import (
    HAS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    THREAD_STARTER,
    Channel,
    Message,
    Thread,
    World,
)


class Threads:
    """Changes threads and announces each change."""

    def __init__(
        self, *, world: World, clock: Clock, payloads: Payloads, chat: Chat, announcer: Announcer
    ) -> None:
        self._world = world
        self._clock = clock
        self._payloads = payloads
        self._chat = chat
        self._announcer = announcer

    def begin_at(self, parent: Channel, message: Message, user_id: int, **settings: Any) -> Channel:
        """Begin a public thread at a message, whose id it shares. Raises DiscordError when there is one."""
        if message.id in self._world.channels:
            raise DiscordError(400, 160004, "A thread has already been created for this message")
        thread = self._begin(message.id, PUBLIC_THREAD, parent, user_id, settings)
        message.flags |= HAS_THREAD
        self._announcer.message("MESSAGE_UPDATE", parent, message)
        self._chat.notice(thread, user_id, kind=THREAD_STARTER, about=message.id, where=parent.id)
        return thread

    def begin(self, parent: Channel, kind: int, user_id: int, **settings: Any) -> Channel:
        """Begin a public or private thread without a message."""
        return self._begin(self._clock.snowflake(), kind, parent, user_id, settings)

    def change(self, channel: Channel, thread: Thread, settings: dict[str, Any]) -> None:
        """Set what `settings` has: name, archived, locked, auto_archive_duration, invitable."""
        channel.name = settings.get("name") or channel.name
        for ours, theirs in (("archived",) * 2, ("locked",) * 2, ("invitable",) * 2, TIMES):
            if settings.get(theirs) is not None:
                setattr(thread, ours, settings[theirs])
        if "archived" in settings or "auto_archive_duration" in settings:
            thread.changed = self._clock.iso()
        self._announcer.channel("THREAD_UPDATE", channel)

    def join(self, channel: Channel, thread: Thread, user_id: int) -> None:
        """Make someone a member. Raises DiscordError for a thread that is archived."""
        if thread.archived:
            raise archived()
        if user_id in thread.members:
            return
        hidden = not sees(self._world, channel, self._world.bot.id)
        thread.members[user_id] = self._clock.iso()
        if user_id == self._world.bot.id and hidden:
            self._announcer.channel("THREAD_CREATE", channel)
        self._tell_members(channel, thread, added=[user_id])

    def leave(self, channel: Channel, thread: Thread, user_id: int) -> None:
        """Make someone no member any more. Raises DiscordError for a thread that is archived."""
        if thread.archived:
            raise archived()
        if thread.members.pop(user_id, None) is not None:
            self._tell_members(channel, thread, removed=[user_id])

    def delete(self, channel: Channel) -> None:
        """Remove a thread; a message that it began at stays."""
        del self._world.channels[channel.id]
        gone = {"id": str(channel.id), "parent_id": str(channel.parent_id), "type": channel.kind}
        self._announcer.channel("THREAD_DELETE", channel, gone)

    def _begin(
        self, thread_id: int, kind: int, parent: Channel, user_id: int, settings: dict[str, Any]
    ) -> Channel:
        now = self._clock.iso()
        thread = Thread(owner_id=user_id, created=now, changed=now, members={user_id: now})
        channel = Channel(
            id=thread_id,
            kind=kind,
            name=settings["name"],
            guild_id=parent.guild_id,
            parent_id=parent.id,
            thread=thread,
        )
        thread.auto_archive_min = settings.get("auto_archive_duration") or thread.auto_archive_min
        thread.invitable = kind != PRIVATE_THREAD or settings.get("invitable") is not False
        self._world.channels[channel.id] = channel
        self._announcer.channel("THREAD_CREATE", channel, self._payloads.channel(channel) | NEWLY)
        return channel

    def _tell_members(
        self,
        channel: Channel,
        thread: Thread,
        *,
        added: list[int] | None = None,
        removed: list[int] | None = None,
    ) -> None:
        payload: dict[str, Any] = {"id": str(channel.id), "member_count": len(thread.members)}
        if added:
            payload["added_members"] = [
                self._payloads.thread_member(channel, thread, user_id) | self._who(channel, user_id)
                for user_id in added
            ]
        if removed:
            payload["removed_member_ids"] = [str(user_id) for user_id in removed]
        self._announcer.channel("THREAD_MEMBERS_UPDATE", channel, payload)

    def _who(self, channel: Channel, user_id: int) -> dict[str, Any]:
        return {"member": self._announcer.member(channel, user_id), "presence": None}


NEWLY = {"newly_created": True}
TIMES = ("auto_archive_min", "auto_archive_duration")


def archived() -> DiscordError:
    """400 for what an archived thread does not take."""
    return DiscordError(400, 50083, "Thread is archived")


def check_open(thread: Thread | None, *, moderator: bool, sending: bool = False) -> None:
    """Refuse what a locked thread takes from moderators only, and what an archived one takes from nobody."""
    if thread is None:
        return
    if thread.locked and not moderator:
        raise DiscordError(400, 160005, "Thread is locked")
    if thread.archived and not sending:
        raise archived()
