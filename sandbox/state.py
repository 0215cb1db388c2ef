"""What the local Discord remembers for as long as its process runs: people, servers, channels, messages.

Ids are integers here and strings in every payload, as on Discord.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .guilds import Guild, Overwrite, User

TEXT_CHANNEL, DM_CHANNEL, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12
THREAD_STARTER = 21  # the kind of the message that a thread begins with
HAS_THREAD, EPHEMERAL, LOADING = 1 << 5, 1 << 6, 1 << 7


@dataclass(kw_only=True)
class Thread:
    """What a thread has beyond other channels."""

    owner_id: int
    created: str
    changed: str  # when it was last archived or taken up again
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive_min: int = 4320
    members: dict[int, str] = field(default_factory=dict)  # since when
    sent: int = 0  # messages ever, without the one it began with


@dataclass(kw_only=True)
class Webhook:
    """An incoming webhook: whoever knows its token posts in its channel."""

    id: int
    token: str
    channel_id: int
    guild_id: int
    name: str
    creator_id: int


@dataclass(kw_only=True)
class Attachment:
    """A file on the CDN; its address is signed anew each time it is shown."""

    id: int
    channel_id: int
    filename: str
    content_type: str
    data: bytes
    description: str | None = None
    size_px: tuple[int, int] | None = None  # width, height of a picture


@dataclass(kw_only=True)
class Interaction:
    """One thing a member asked of the bot, and what the bot made of it."""

    id: int
    token: str
    kind: int
    user_id: int
    channel_id: int
    guild_id: int | None
    data: dict[str, Any]
    sent: float  # Clock.now(), for the 3 s and 15 min rules
    sent_at: float  # time.monotonic(), for measurements
    source_id: int | None = None  # the message whose component was used
    parent: "Interaction | None" = None  # what opened the modal
    acknowledged_at: float | None = None
    answer_kind: int | None = None
    original_id: int | None = None
    choices: list[dict[str, Any]] | None = None
    modal: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Message:
    """A message and, for tests, when it was made and changed."""

    id: int
    channel_id: int
    author_id: int
    posted: str
    created_at: float  # time.monotonic()
    kind: int = 0
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    interaction: Interaction | None = None
    followup: bool = False
    reply_to: int | None = None
    refers_to: int | None = None  # the channel of `reply_to`, or a thread, where it is not this one
    webhook_id: int | None = None
    username: str | None = None  # the name that a webhook's message bears
    pinned: str | None = None  # since when
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mentions_everyone: bool = False
    reactions: dict[str, list[int]] = field(default_factory=dict)
    edited: str | None = None
    edited_at: list[float] = field(default_factory=list)

    @property
    def only_for(self) -> int | None:
        """The member whom an ephemeral answer is for; None for what everyone here sees."""
        return self.interaction.user_id if self.flags & EPHEMERAL and self.interaction else None

    def visible_to(self, user_id: int) -> bool:
        """An ephemeral answer is for the member who asked."""
        return self.only_for in (None, user_id)


@dataclass(kw_only=True)
class Channel:
    """A text channel or thread of a server, or direct messages of a member with the bot or another one."""

    id: int
    kind: int
    name: str
    guild_id: int | None = None
    recipient_id: int | None = None
    peer_id: int | None = None  # the other member, in direct messages without the bot
    nsfw: bool = False
    parent_id: int | None = None  # the channel that a thread belongs to
    thread: Thread | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def without_bot(self) -> tuple[int, ...] | None:
        """The two members of direct messages that the bot has no part in."""
        return (
            None if self.peer_id is None or self.recipient_id is None else (self.recipient_id, self.peer_id)
        )

    @property
    def private(self) -> bool:
        """Whether only those who were added see this thread."""
        return self.kind == PRIVATE_THREAD

    def people(self, bot_id: int) -> tuple[int | None, ...]:
        """The two whom direct messages belong to."""
        return (self.recipient_id, bot_id if self.peer_id is None else self.peer_id)

    def visible_to(self, user_id: int) -> list[Message]:
        """The messages that a user sees here, oldest first."""
        return [message for message in self.messages.values() if message.visible_to(user_id)]


@dataclass(kw_only=True)
class World:
    """Everything there is, by id."""

    bot: User
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    interactions: dict[int, Interaction] = field(default_factory=dict)
    tokens: dict[str, Interaction] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)

    def guild_channels(self, guild_id: int) -> Iterator[Channel]:
        """The channels and threads of one server, in the order they were made."""
        return (channel for channel in self.channels.values() if channel.guild_id == guild_id)

    def threads(self, guild_id: int) -> Iterator[Channel]:
        """The threads of one server, archived ones too."""
        return (channel for channel in self.guild_channels(guild_id) if channel.thread is not None)

    def age_restricted(self, channel: Channel) -> bool:
        """Whether a channel is for adults; threads are as the channel above them."""
        return channel.nsfw or (channel.parent_id is not None and self.channels[channel.parent_id].nsfw)

    def dm(self, user_id: int) -> Channel | None:
        """The direct messages between the bot and a user, when opened before."""
        return self._dm({user_id, None})

    def dm_between(self, one: int, other: int) -> Channel | None:
        """The direct messages between two members, when opened before."""
        return self._dm({one, other})

    def _dm(self, people: set[int | None]) -> Channel | None:
        of_kind = (c for c in self.channels.values() if c.kind == DM_CHANNEL)
        return next((c for c in of_kind if {c.recipient_id, c.peer_id} == people), None)
