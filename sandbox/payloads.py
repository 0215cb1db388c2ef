"""The JSON forms in which Discord shows its objects."""

from __future__ import annotations

import json
from typing import Any

from .cdn import Cdn
from .state import (
    DM_CHANNEL,
    EPHEMERAL,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Member,
    Message,
    Role,
    User,
    World,
)

Payload = dict[str, Any]
SLASH, COMPONENT, MODAL_SUBMIT = 2, 3, 5


class Payloads:
    """Renders what is in the world; attachment addresses are signed at that moment."""

    def __init__(self, *, world: World, cdn: Cdn) -> None:
        self._world = world
        self._cdn = cdn

    def user(self, user: User) -> Payload:
        """A user, without what only they may see."""
        return {
            "id": str(user.id),
            "username": user.name,
            "discriminator": "0000" if user.bot else "0",
            "global_name": None if user.bot else user.name,
            "avatar": None,
            "bot": user.bot,
            "flags": 0,
            "public_flags": 0,
            "primary_guild": None,
        }

    def myself(self) -> Payload:
        """The bot's own user, as it sees itself."""
        return self.user(self._world.bot) | {
            "mfa_enabled": False,
            "locale": "en-US",
            "verified": True,
            "email": None,
        }

    def application(self) -> Payload:
        """The bot's application, owned by the first server's owner."""
        owner = self._world.users[next(iter(self._world.guilds.values())).owner_id]
        return {
            "id": str(self._world.bot.id),
            "name": self._world.bot.name,
            "description": "",
            "icon": None,
            "type": None,
            "bot": self.user(self._world.bot),
            "owner": self.user(owner),
            "team": None,
            "verify_key": "0" * 64,
            "bot_public": False,
            "bot_require_code_grant": False,
            "flags": 0,
            "flags_new": "0",
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "approximate_guild_count": len(self._world.guilds),
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": [],
        }

    def member(self, member: Member) -> Payload:
        """A member of a server, with the user inside."""
        return {
            "user": self.user(member.user),
            "roles": [str(role) for role in member.roles],
            "joined_at": member.joined,
            "nick": None,
            "avatar": None,
            "banner": None,
            "communication_disabled_until": None,
            "premium_since": None,
            "flags": 0,
            "pending": False,
            "mute": False,
            "deaf": False,
        }

    def role(self, role: Role) -> Payload:
        """A role."""
        return {
            "id": str(role.id),
            "name": role.name,
            "permissions": str(role.permissions),
            "position": role.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }

    def channel(self, channel: Channel) -> Payload:
        """A server's text channel, or a DM."""
        last = str(next(reversed(channel.messages))) if channel.messages else None
        payload: Payload = {"id": str(channel.id), "type": channel.kind, "flags": 0, "last_message_id": last}
        if channel.kind == DM_CHANNEL:
            return payload | {"recipients": [self.user(self._world.users[channel.recipient_id or 0])]}
        return payload | {
            "guild_id": str(channel.guild_id),
            "name": channel.name,
            "position": 0,
            "permission_overwrites": [],
            "nsfw": channel.nsfw,
            "topic": None,
            "parent_id": None,
            "rate_limit_per_user": 0,
        }

    def guild(self, guild: Guild) -> Payload:
        """A server as REST shows it."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner_id),
            "roles": [self.role(role) for role in guild.roles.values()],
            "premium_tier": guild.premium_tier,
            "preferred_locale": "en-US",
            "afk_timeout": 300,
            "max_members": 500_000,
            **{name: [] for name in ("features", "emojis", "stickers")},
            **dict.fromkeys(("widget_enabled", "nsfw", "premium_progress_bar_enabled"), False),
            **dict.fromkeys(GUILD_ZEROS, 0),
            **dict.fromkeys(GUILD_NULLS),
        }

    def guild_create(self, guild: Guild) -> Payload:
        """A server as GUILD_CREATE shows it: with its channels and members."""
        return self.guild(guild) | {
            "joined_at": guild.members[self._world.bot.id].joined,
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "channels": [self.channel(channel) for channel in self._world.guild_channels(guild.id)],
            "members": [self.member(member) for member in guild.members.values()],
            **{name: [] for name in GUILD_CREATE_EMPTY},
        }

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
            "author": self.user(self._world.users[message.author_id]),
            "type": message.kind,
            "content": message.content,
            "mentions": [self.user(self._world.users[user_id]) for user_id in message.mentions],
            "mention_roles": [],
            "mention_everyone": message.mentions_everyone,
            "attachments": [self.attachment(attachment) for attachment in message.attachments],
            "embeds": self._embeds(message),
            "components": message.components,
            "timestamp": message.posted,
            "edited_timestamp": message.edited,
            "flags": message.flags,
            "pinned": False,
            "tts": False,
        }
        if message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.reactions:
            payload["reactions"] = [
                self._reaction(emoji, users) for emoji, users in message.reactions.items()
            ]
        if message.reply_to is not None:
            reference = {
                "type": 0,
                "channel_id": str(message.channel_id),
                "message_id": str(message.reply_to),
            }
            payload["message_reference"] = reference
        if message.interaction is not None:
            payload |= self._interaction_parts(message, message.interaction)
        return payload

    def interaction(self, interaction: Interaction, *, message: Message | None) -> Payload:
        """INTERACTION_CREATE; `message` is the one whose component was used."""
        channel = self._world.channels[interaction.channel_id]
        payload: Payload = {
            "id": str(interaction.id),
            "application_id": str(self._world.bot.id),
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": self.channel(channel),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": self._owners(interaction),
        }
        if message is not None:
            payload["message"] = self.message(message)
        user = self._world.users[interaction.user_id]
        if interaction.guild_id is None:
            return payload | {
                "user": self.user(user),
                "context": 1,
                "app_permissions": str((1 << 53) - 1),
                "attachment_size_limit": 10 << 20,
            }
        guild = self._world.guilds[interaction.guild_id]
        member = self.member(guild.members[user.id]) | {"permissions": str(guild.permissions(user.id))}
        return payload | {
            "member": member,
            "context": 0,
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "features": [], "locale": "en-US"},
            "guild_locale": "en-US",
            "app_permissions": str(guild.permissions(self._world.bot.id)),
            "attachment_size_limit": guild.upload_limit_bytes,
        }

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


GUILD_ZEROS = (
    "system_channel_flags",
    "verification_level",
    "default_message_notifications",
    "mfa_level",
    "explicit_content_filter",
    "max_presences",
    "max_stage_video_channel_users",
    "max_video_channel_users",
    "premium_subscription_count",
    "nsfw_level",
)
GUILD_NULLS = (
    "icon",
    "description",
    "home_header",
    "splash",
    "discovery_splash",
    "banner",
    "application_id",
    "afk_channel_id",
    "system_channel_id",
    "widget_channel_id",
    "vanity_url_code",
    "rules_channel_id",
    "safety_alerts_channel_id",
    "public_updates_channel_id",
    "premium_progress_bar_enabled_user_updated_at",
    "incidents_data",
)
GUILD_CREATE_EMPTY = (
    "threads",
    "presences",
    "voice_states",
    "stage_instances",
    "guild_scheduled_events",
    "soundboard_sounds",
)
