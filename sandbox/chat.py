"""Messages: posted, edited and deleted, by the bot and by people alike."""

import time
from collections.abc import Mapping
from typing import Any

from .announcer import Announcer
from .cdn import content_type, picture_size
from .clock import Clock
from .components import as_returned, without_nulls
from .errors import DiscordError, invalid_form
from .limits import check_files, check_message, check_not_empty
from .mentions import mentioned
from .payloads import REPLY
from .permissions import Permission, in_channel
from .state import (
    EPHEMERAL,
    HAS_THREAD,
    LOADING,
    THREAD_STARTER,
    Attachment,
    Channel,
    Interaction,
    Message,
    Webhook,
    World,
)
from .uploads import Upload

NONCE_LIFE_S = 180
KEPT = EPHEMERAL | HAS_THREAD  # flags that no edit changes
DM_UPLOAD_LIMIT = 10 << 20
CHAT_INPUT_RESPONSE, CONTEXT_MENU_RESPONSE = 20, 23
Files = Mapping[int, Upload]


class Chat:
    """Changes messages and announces each change."""

    def __init__(self, *, world: World, clock: Clock, announcer: Announcer) -> None:
        self._world = world
        self._clock = clock
        self._announcer = announcer
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
        webhook: Webhook | None = None,
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
            webhook_id=webhook.id if webhook else None,
            username=(body.get("username") or webhook.name) if webhook else None,
            flags=flags | (body.get("flags") or 0) & (allowed | ~(EPHEMERAL | LOADING)),
        )
        if not flags & LOADING:
            check_not_empty(message, body, files)
        self._set_kind(message, channel, body)
        self._write(message, channel, {"content": "", **body}, files)
        self._add(channel, message)
        if body.get("enforce_nonce") and message.nonce is not None:
            self._remember((channel.id, author_id, str(message.nonce)), message)
        self._announcer.message("MESSAGE_CREATE", channel, message)
        return message

    def notice(
        self, channel: Channel, user_id: int, *, kind: int, about: int | None = None, where: int | None = None
    ) -> Message:
        """Let Discord itself say something: that a message was pinned, or what a thread began with."""
        message = Message(
            id=self._clock.snowflake(),
            channel_id=channel.id,
            author_id=user_id,
            posted=self._clock.iso(),
            created_at=time.monotonic(),
            kind=kind,
            reply_to=about,
            refers_to=where,
        )
        self._add(channel, message)
        self._announcer.message("MESSAGE_CREATE", channel, message)
        return message

    def edit(self, channel: Channel, message: Message, body: Mapping[str, Any], files: Files) -> Message:
        """Change what `body` names; an answer that was loading is there now."""
        check_message(dict(body))
        check_not_empty(message, body, files)
        self._write(message, channel, body, files)
        flags = message.flags if body.get("flags") is None else body["flags"]
        message.flags = message.flags & KEPT | flags & ~(KEPT | LOADING)
        message.edited = self._clock.iso()
        message.edited_at.append(time.monotonic())
        self._announcer.message("MESSAGE_UPDATE", channel, message)
        return message

    def delete(self, channel: Channel, message: Message) -> None:
        """Remove a message and its files."""
        self._remove(channel, message)
        payload: dict[str, Any] = {"id": str(message.id), "channel_id": str(channel.id)}
        self._announcer.about("MESSAGE_DELETE", channel, message, payload)

    def delete_many(self, channel: Channel, messages: list[Message]) -> None:
        """Remove messages at once; one event says so."""
        for message in messages:
            self._remove(channel, message)
        payload = {"ids": [str(message.id) for message in messages], "channel_id": str(channel.id)}
        self._announcer.channel("MESSAGE_DELETE_BULK", channel, payload)

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

    def _add(self, channel: Channel, message: Message) -> None:
        """Put a message into its channel. One of a thread's own takes up a thread that was archived."""
        channel.messages[message.id] = message
        thread = channel.thread
        if thread is None or message.kind == THREAD_STARTER:
            return
        thread.sent += 1
        if message.webhook_id is None:
            thread.members.setdefault(message.author_id, message.posted)
        if thread.archived:
            thread.archived, thread.changed = False, message.posted
            self._announcer.channel("THREAD_UPDATE", channel)

    def _remove(self, channel: Channel, message: Message) -> None:
        del channel.messages[message.id]
        for attachment in message.attachments:
            self._world.attachments.pop(attachment.id, None)

    def _remember(self, key: tuple[int, int, str], message: Message) -> None:
        """Know a message by its nonce for a while; those remembered longest are forgotten first."""
        now = self._clock.now()
        self._nonces = {k: known for k, known in self._nonces.items() if known[1] >= now - NONCE_LIFE_S}
        self._nonces[key] = (message.id, now)

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
            target = channel.messages.get(int(reference["message_id"]))
            if target is not None and target.only_for is None:
                message.kind, message.reply_to = REPLY, target.id
            elif reference.get("fail_if_not_exists", True):
                code = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"
                raise invalid_form("message_reference", "Unknown message", code=code)

    def _write(self, message: Message, channel: Channel, body: Mapping[str, Any], files: Files) -> None:
        """Set the parts that `body` has. Nothing is changed when a file is too large."""
        check_files(files.values(), file_limit=self.upload_limit(channel))
        if "content" in body:
            message.content = body["content"] or ""
            found = mentioned(
                message.content,
                body.get("allowed_mentions"),
                self._world,
                replied=self._answered_author(message, channel),
            )
            everybody = self._may_ping(message, channel)
            message.mentions, message.mentions_everyone = found.users, found.everyone and everybody
            message.mention_roles = found.roles if everybody else []
        if "embeds" in body:
            message.embeds = without_nulls(body["embeds"] or [])
        if "components" in body:
            message.components = as_returned(body["components"] or [])
        if "attachments" in body or files:
            self._attach(message, channel, body, files)

    def _answered_author(self, message: Message, channel: Channel) -> int | None:
        """Who wrote the message that this one answers, where that is somebody else."""
        answered = channel.messages.get(message.reply_to or 0)
        return answered.author_id if answered and answered.author_id != message.author_id else None

    def _may_ping(self, message: Message, channel: Channel) -> bool:
        """Whether the author's @everyone reaches everyone, and a role all who have it."""
        may = in_channel(self._world, channel, message.author_id)
        return message.webhook_id is not None or bool(may & Permission.MENTION_EVERYONE)

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
