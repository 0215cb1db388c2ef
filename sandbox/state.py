"""What the local Discord remembers for as long as its process runs: people, servers, channels, messages.

Ids are integers here and strings in every payload, as on Discord.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

TEXT_CHANNEL, DM_CHANNEL = 0, 1
EPHEMERAL, LOADING = 1 << 6, 1 << 7
ADMINISTRATOR, MANAGE_MESSAGES = 1 << 3, 1 << 13
ALL_PERMISSIONS = (1 << 53) - 1
UPLOAD_LIMIT_BYTES = {0: 10 << 20, 1: 10 << 20, 2: 50 << 20, 3: 100 << 20}  # by premium tier


@dataclass(kw_only=True)
class User:
    """A person, or the bot."""

    id: int
    name: str
    bot: bool = False
    accepts_dms: bool = True


@dataclass(kw_only=True)
class Role:
    """A role of one server; the one whose id is the server's is @everyone."""

    id: int
    name: str
    permissions: int
    position: int


@dataclass(kw_only=True)
class Member:
    """A user's place in one server."""

    user: User
    joined: str
    roles: list[int] = field(default_factory=list)


@dataclass(kw_only=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    premium_tier: int = 0
    upload_limit: int | None = None
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def upload_limit_bytes(self) -> int:
        """The largest file a message here may carry."""
        return self.upload_limit or UPLOAD_LIMIT_BYTES[self.premium_tier]

    def permissions(self, user_id: int) -> int:
        """What a member may do, as Discord's bit set."""
        if user_id == self.owner_id:
            return ALL_PERMISSIONS
        bits = self.roles[self.id].permissions
        for role_id in self.members[user_id].roles:
            bits |= self.roles[role_id].permissions
        return ALL_PERMISSIONS if bits & ADMINISTRATOR else bits


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
    mentions: list[int] = field(default_factory=list)
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
    """A text channel of a server, or direct messages of a member with the bot or with another one."""

    id: int
    kind: int
    name: str
    guild_id: int | None = None
    recipient_id: int | None = None
    peer_id: int | None = None  # the other member, in direct messages without the bot
    nsfw: bool = False
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def without_bot(self) -> tuple[int, ...] | None:
        """The two members of direct messages that the bot has no part in."""
        return (
            None if self.peer_id is None or self.recipient_id is None else (self.recipient_id, self.peer_id)
        )

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

    def guild_channels(self, guild_id: int) -> Iterator[Channel]:
        """The channels of one server, in the order they were made."""
        return (channel for channel in self.channels.values() if channel.guild_id == guild_id)

    def dm(self, user_id: int) -> Channel | None:
        """The direct messages between the bot and a user, when opened before."""
        return self._dm({user_id, None})

    def dm_between(self, one: int, other: int) -> Channel | None:
        """The direct messages between two members, when opened before."""
        return self._dm({one, other})

    def _dm(self, people: set[int | None]) -> Channel | None:
        of_kind = (c for c in self.channels.values() if c.kind == DM_CHANNEL)
        return next((c for c in of_kind if {c.recipient_id, c.peer_id} == people), None)
