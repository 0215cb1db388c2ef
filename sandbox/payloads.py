"""The JSON forms in which Discord shows messages and interactions."""

from __future__ import annotations

import json
from dataclasses import replace

from .cdn import Cdn
from .permissions import APP_IN_DIRECT_MESSAGES, in_channel
from .places import Payload, Places
from .state import (
    EPHEMERAL,
    HAS_THREAD,
    Attachment,
    Interaction,
    Message,
    World,
)

SLASH, COMPONENT, MODAL_SUBMIT = 2, 3, 5
REPLY = 19


class Payloads(Places):
    """Renders what is in the world; attachment addresses are signed at that moment."""

    def __init__(self, *, world: World, cdn: Cdn) -> None:
        super().__init__(world=world)
        self._cdn = cdn

    def attachment(self, attachment: Attachment) -> Payload:
        """A file with a fresh address."""
        url = self._cdn.url(attachment)
        payload: Payload = {
            "id": str(attachment.id),
            "filename": attachment.filename,
            "size": len(attachment.data),
            "content_type": attachment.content_type,
            "url": url,
            "proxy_url": url,
        }
        if attachment.size_px:
            payload |= {"width": attachment.size_px[0], "height": attachment.size_px[1]}
        if attachment.description:
            payload["description"] = attachment.description
        return payload

    def message(self, message: Message) -> Payload:
        """A message as REST and MESSAGE_CREATE show it (the event adds the server and the member)."""
        payload: Payload = {
            "id": str(message.id),
            "channel_id": str(message.channel_id),
            "author": self._author(message),
            "type": message.kind,
            "content": message.content,
            "mentions": [self.user(self._world.users[user_id]) for user_id in message.mentions],
            "mention_roles": [str(role_id) for role_id in message.mention_roles],
            "mention_everyone": message.mentions_everyone,
            "attachments": [self.attachment(attachment) for attachment in message.attachments],
            "embeds": self._embeds(message),
            "components": message.components,
            "timestamp": message.posted,
            "edited_timestamp": message.edited,
            "flags": message.flags,
            "pinned": message.pinned is not None,
            "tts": False,
        }
        if message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.reactions:
            payload["reactions"] = [
                self._reaction(emoji, users) for emoji, users in message.reactions.items()
            ]
        if message.reply_to is not None:
            payload |= self._reference(message, message.reply_to)
        if message.webhook_id is not None:
            payload["webhook_id"] = str(message.webhook_id)
        if message.flags & HAS_THREAD and message.id in self._world.channels:
            payload["thread"] = self.channel(self._world.channels[message.id])
        if message.interaction is not None:
            payload |= self._interaction_parts(message, message.interaction)
        return payload

    def interaction(self, interaction: Interaction, *, message: Message | None) -> Payload:
        """INTERACTION_CREATE; `message` is the one whose component was used."""
        channel = self._world.channels[interaction.channel_id]
        user = self._world.users[interaction.user_id]
        payload: Payload = {
            "id": str(interaction.id),
            "application_id": str(self._world.bot.id),
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": self.channel_for(channel, interaction.user_id),
            "locale": user.locale,
            "entitlements": [],
            "authorizing_integration_owners": self._owners(interaction),
        }
        if message is not None:
            payload["message"] = self.message(message)
        if interaction.guild_id is None:
            return payload | {
                "user": self.user(user),
                "context": 1,
                "app_permissions": str(APP_IN_DIRECT_MESSAGES),
                "attachment_size_limit": 10 << 20,
            }
        guild = self._world.guilds[interaction.guild_id]
        may = in_channel(self._world, channel, user.id)
        member = self.member(guild.members[user.id]) | {"permissions": str(may)}
        return payload | {
            "member": member,
            "context": 0,
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "features": [], "locale": guild.locale},
            "guild_locale": guild.locale,
            "app_permissions": str(in_channel(self._world, channel, self._world.bot.id)),
            "attachment_size_limit": guild.upload_limit_bytes,
        }

    def _author(self, message: Message) -> Payload:
        """Who wrote a message: a user, or a webhook under the name that it gave."""
        if message.webhook_id is None:
            return self.user(self._world.users[message.author_id])
        return {
            "id": str(message.webhook_id),
            "username": message.username,
            "discriminator": "0000",
            "global_name": None,
            "avatar": None,
            "bot": True,
            "flags": 0,
            "public_flags": 0,
            "primary_guild": None,
        }

    def _reference(self, message: Message, target: int) -> Payload:
        """The message that this one answers, whole where it is in the same channel; null when it is gone."""
        channel = self._world.channels[message.channel_id]
        reference = {"type": 0, "channel_id": str(message.refers_to or channel.id), "message_id": str(target)}
        if channel.guild_id is not None:
            reference["guild_id"] = str(channel.guild_id)
        if message.kind != REPLY:
            return {"message_reference": reference}
        found = channel.messages.get(target)
        answered = self.message(replace(found, reply_to=None)) if found else None
        return {"message_reference": reference, "referenced_message": answered}

    def _embeds(self, message: Message) -> list[Payload]:
        """Embeds whose attachment:// pictures point to the CDN."""
        if not message.embeds:
            return []
        text = json.dumps(message.embeds)
        for attachment in message.attachments:
            text = text.replace(
                f'"attachment://{attachment.filename}"', json.dumps(self._cdn.url(attachment))
            )
        return [{"type": "rich"} | embed for embed in json.loads(text)]

    def _reaction(self, emoji: str, users: list[int]) -> Payload:
        return {
            "emoji": emoji_payload(emoji),
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "burst_colors": [],
            "me_burst": False,
            "me": self._world.bot.id in users,
        }

    def _interaction_parts(self, message: Message, interaction: Interaction) -> Payload:
        parts: Payload = {
            "application_id": str(self._world.bot.id),
            "webhook_id": str(self._world.bot.id),
            "interaction_metadata": self._metadata(interaction),
        }
        if message.followup and interaction.original_id is not None:
            parts["interaction_metadata"]["original_response_message_id"] = str(interaction.original_id)
        if interaction.kind == SLASH:
            user = self.user(self._world.users[interaction.user_id])
            parts["interaction"] = {
                "id": str(interaction.id),
                "type": interaction.kind,
                "name": interaction.data["name"],
                "user": user,
            }
        return parts

    def _metadata(self, interaction: Interaction) -> Payload:
        metadata: Payload = {
            "id": str(interaction.id),
            "type": interaction.kind,
            "user": self.user(self._world.users[interaction.user_id]),
            "authorizing_integration_owners": self._owners(interaction),
        }
        if interaction.kind == COMPONENT:
            metadata["interacted_message_id"] = str(interaction.source_id)
        if interaction.kind == MODAL_SUBMIT and interaction.parent is not None:
            metadata["triggering_interaction_metadata"] = self._metadata(interaction.parent)
        return metadata

    def _owners(self, interaction: Interaction) -> dict[str, str]:
        return {"0": str(interaction.guild_id or 0)}

    def callback(self, interaction: Interaction, message: Message | None, *, shown: bool) -> Payload:
        """What a callback with_response=1 returns; `shown` adds the message that it made or changed."""
        described: Payload = {"id": str(interaction.id), "type": interaction.kind}
        described["channel_id"] = str(interaction.channel_id)
        if interaction.guild_id is not None:
            described["guild_id"] = str(interaction.guild_id)
        if message is None:
            return {"interaction": described}
        described["response_message_id"] = str(message.id)
        described["response_message_loading"] = not shown
        described["response_message_ephemeral"] = bool(message.flags & EPHEMERAL)
        if not shown:
            return {"interaction": described}
        resource = {"type": interaction.answer_kind, "message": self.message(message)}
        return {"interaction": described, "resource": resource}


def emoji_payload(emoji: str) -> Payload:
    """A reaction's emoji: a plain character, or name:id for a server's own."""
    name, _, emoji_id = emoji.partition(":")
    return {"id": emoji_id or None, "name": name}
