"""Messages: posted, edited, deleted and reacted to, by the bot and by people alike."""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from .cdn import content_type, picture_size
from .clock import Clock
from .components import as_returned, without_nulls
from .errors import DiscordError, unknown
from .limits import check_files, check_message
from .mentions import mentioned
from .payloads import Payloads, emoji_payload
from .state import DM_CHANNEL, EPHEMERAL, LOADING, Attachment, Channel, Interaction, Message, World
from .uploads import Upload

NONCE_LIFE_S = 180
DM_UPLOAD_LIMIT = 10 << 20
CHAT_INPUT_RESPONSE, REPLY, CONTEXT_MENU_RESPONSE = 20, 19, 23


class Announce(Protocol):
    """Says that something happened; what `only` some members see reaches no bot."""

    def __call__(
        self, event: str | None, data: dict[str, Any] | None = None, *, only: tuple[int, ...] | None = None
    ) -> None: ...


Files = Mapping[int, Upload]


class Chat:
    """Changes messages and announces each change."""

    def __init__(self, *, world: World, clock: Clock, payloads: Payloads, announce: Announce) -> None:
        self._world = world
        self._clock = clock
        self._payloads = payloads
        self._announce = announce
        self._nonces: dict[tuple[int, int, str], tuple[int, float]] = {}

    def post(
        self,
        channel: Channel,
        author_id: int,
        body: Mapping[str, Any],
        files: Files,
        *,
        interaction: Interaction | None = None,
        followup: bool = False,
        flags: int = 0,
    ) -> Message:
        """Add a message. With enforce_nonce, one that was posted a moment ago is returned instead."""
        check_message(dict(body))
        twin = self._twin(channel, author_id, body)
        if twin is not None:
            return twin
        allowed = EPHEMERAL if interaction else 0
        message = Message(
            id=self._clock.snowflake(),
            channel_id=channel.id,
            author_id=author_id,
            posted=self._clock.iso(),
            created_at=time.monotonic(),
            nonce=body.get("nonce"),
            interaction=interaction,
            followup=followup,
            flags=flags | (body.get("flags") or 0) & (allowed | ~(EPHEMERAL | LOADING)),
        )
        self._set_kind(message, channel, body)
        self._write(message, channel, body, files)
        if not (
            message.content or message.embeds or message.attachments or message.components or flags & LOADING
        ):
            raise DiscordError(400, 50006, "Cannot send an empty message")
        channel.messages[message.id] = message
        if body.get("enforce_nonce") and message.nonce is not None:
            self._nonces[channel.id, author_id, str(message.nonce)] = (message.id, self._clock.now())
        self._tell("MESSAGE_CREATE", channel, message)
        return message

    def edit(self, channel: Channel, message: Message, body: Mapping[str, Any], files: Files) -> Message:
        """Change what `body` names; an answer that was loading is there now."""
        check_message(dict(body))
        self._write(message, channel, body, files)
        flags = message.flags if body.get("flags") is None else body["flags"]
        message.flags = message.flags & EPHEMERAL | flags & ~(EPHEMERAL | LOADING)
        message.edited = self._clock.iso()
        message.edited_at.append(time.monotonic())
        self._tell("MESSAGE_UPDATE", channel, message)
        return message

    def delete(self, channel: Channel, message: Message) -> None:
        """Remove a message and its files."""
        del channel.messages[message.id]
        for attachment in message.attachments:
            self._world.attachments.pop(attachment.id, None)
        payload: dict[str, Any] = {"id": str(message.id), "channel_id": str(channel.id)}
        self._announce("MESSAGE_DELETE", payload | self._place(channel), only=_audience(channel, message))

    def react(self, message: Message, user_id: int, emoji: str) -> None:
        """Add one user's reaction; a second one with the same emoji changes nothing."""
        users = message.reactions.setdefault(emoji, [])
        if user_id not in users:
            users.append(user_id)
            self._announce_reaction("MESSAGE_REACTION_ADD", message, user_id, emoji)

    def unreact(self, message: Message, user_id: int, emoji: str) -> None:
        """Take one user's reaction back."""
        users = message.reactions.get(emoji, [])
        if user_id in users:
            users.remove(user_id)
            if not users:
                del message.reactions[emoji]
            self._announce_reaction("MESSAGE_REACTION_REMOVE", message, user_id, emoji)

    def upload_limit(self, channel: Channel) -> int:
        """The largest file that a message in `channel` may carry, in bytes."""
        return (
            DM_UPLOAD_LIMIT
            if channel.guild_id is None
            else self._world.guilds[channel.guild_id].upload_limit_bytes
        )

    def store(self, channel: Channel, upload: Upload, described: Mapping[str, Any]) -> Attachment:
        """Put a file on the CDN."""
        name = str(described.get("filename") or upload.filename)
        attachment = Attachment(
            id=self._clock.snowflake(),
            channel_id=channel.id,
            filename=name.replace("/", "_").replace(" ", "_"),
            content_type=content_type(name),
            data=upload.data,
            description=described.get("description"),
            size_px=picture_size(upload.data),
        )
        self._world.attachments[attachment.id] = attachment
        return attachment

    def _twin(self, channel: Channel, author_id: int, body: Mapping[str, Any]) -> Message | None:
        if not body.get("enforce_nonce"):
            return None
        known = self._nonces.get((channel.id, author_id, str(body.get("nonce"))))
        if known is None or known[1] < self._clock.now() - NONCE_LIFE_S:
            return None
        return channel.messages.get(known[0])

    def _set_kind(self, message: Message, channel: Channel, body: Mapping[str, Any]) -> None:
        reference = body.get("message_reference")
        if message.interaction is not None and message.interaction.kind == 2 and not message.followup:
            slash = message.interaction.data.get("type", 1) == 1
            message.kind = CHAT_INPUT_RESPONSE if slash else CONTEXT_MENU_RESPONSE
        elif reference:
            target = int(reference["message_id"])
            if target not in channel.messages and reference.get("fail_if_not_exists", True):
                raise unknown("Message")
            message.kind, message.reply_to = REPLY, target

    def _write(self, message: Message, channel: Channel, body: Mapping[str, Any], files: Files) -> None:
        """Set the parts that `body` has. Nothing is changed when a file is too large."""
        check_files(files.values(), file_limit=self.upload_limit(channel))
        if "content" in body:
            message.content = body["content"] or ""
            allowed = body.get("allowed_mentions")
            message.mentions, message.mentions_everyone = mentioned(message.content, allowed, self._world)
        if "embeds" in body:
            message.embeds = without_nulls(body["embeds"] or [])
        if "components" in body:
            message.components = as_returned(body["components"] or [])
        if "attachments" in body or files:
            self._attach(message, channel, body, files)

    def _attach(self, message: Message, channel: Channel, body: Mapping[str, Any], files: Files) -> None:
        """The full list where there is one: kept files by their id, new ones by their index."""
        kept = {attachment.id: attachment for attachment in message.attachments}
        listed = body.get("attachments")
        if listed is None:
            listed = [{"id": attachment_id} for attachment_id in kept] + [{"id": index} for index in files]
        attachments = []
        for described in listed:
            number = int(described["id"])
            if number in files:
                attachments.append(self.store(channel, files[number], described))
            elif number in kept:
                attachments.append(kept[number])
            else:
                raise DiscordError(400, 50035, f"Attachment data not found for id {number}")
        for dropped in kept.keys() - {attachment.id for attachment in attachments}:
            self._world.attachments.pop(dropped, None)
        message.attachments = attachments

    def _tell(self, event: str, channel: Channel, message: Message) -> None:
        """What only members see reaches no gateway: its id is enough for who looks."""
        only = _audience(channel, message)
        if only is not None:
            self._announce(event, {"id": str(message.id), "channel_id": str(channel.id)}, only=only)
            return
        payload = self._payloads.message(message) | self._place(channel)
        member = self._member(channel, message.author_id)
        if member is not None:
            payload["member"] = {key: value for key, value in member.items() if key != "user"}
        self._announce(event, payload)

    def _announce_reaction(self, event: str, message: Message, user_id: int, emoji: str) -> None:
        channel = self._world.channels[message.channel_id]
        payload: dict[str, Any] = {
            "user_id": str(user_id),
            "channel_id": str(channel.id),
            "message_id": str(message.id),
            "message_author_id": str(message.author_id),
            "emoji": emoji_payload(emoji),
            "burst": False,
            "type": 0,
        }
        member = self._member(channel, user_id)
        if member is not None and event == "MESSAGE_REACTION_ADD":
            payload["member"] = member
        self._announce(event, payload | self._place(channel), only=_audience(channel, message))

    def _member(self, channel: Channel, user_id: int) -> dict[str, Any] | None:
        """The member's payload in a server's channel, while they are there."""
        guild = self._world.guilds.get(channel.guild_id or 0)
        member = guild.members.get(user_id) if guild else None
        return self._payloads.member(member) if member else None

    def _place(self, channel: Channel) -> dict[str, str]:
        return {} if channel.kind == DM_CHANNEL else {"guild_id": str(channel.guild_id)}


def _audience(channel: Channel, message: Message) -> tuple[int, ...] | None:
    """The members who alone see a message; None where the bot does too."""
    return channel.without_bot if message.only_for is None else (message.only_for,)
