"""The JSON forms in which Discord shows people, servers and channels."""

from typing import Any

from .guilds import Guild, Member, Overwrite, Role, User
from .permissions import in_channel, sees
from .state import DM_CHANNEL, THREAD_STARTER, Channel, Thread, Webhook, World

Payload = dict[str, Any]

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
    "presences",
    "voice_states",
    "stage_instances",
    "guild_scheduled_events",
    "soundboard_sounds",
)


class Places:
    """Renders who and what is in the world."""

    def __init__(self, *, world: World) -> None:
        self._world = world

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
            "managed": role.managed,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }

    def channel(self, channel: Channel) -> Payload:
        """A server's text channel or thread, or a DM."""
        last = str(next(reversed(channel.messages))) if channel.messages else None
        payload: Payload = {"id": str(channel.id), "type": channel.kind, "flags": 0, "last_message_id": last}
        if channel.kind == DM_CHANNEL:
            return payload | {"recipients": [self.user(self._world.users[channel.recipient_id or 0])]}
        payload |= {"guild_id": str(channel.guild_id), "name": channel.name, "rate_limit_per_user": 0}
        if channel.thread is not None:
            return payload | self._thread(channel, channel.thread)
        return payload | {
            "position": 0,
            "permission_overwrites": [_overwrite(*pair) for pair in channel.overwrites.items()],
            "nsfw": channel.nsfw,
            "topic": None,
            "parent_id": None,
        }

    def channel_for(self, channel: Channel, user_id: int) -> Payload:
        """A channel as an interaction names it: with what the member may do there."""
        return self.channel(channel) | {"permissions": str(in_channel(self._world, channel, user_id))}

    def _thread(self, channel: Channel, thread: Thread) -> Payload:
        payload: Payload = {
            "parent_id": str(channel.parent_id),
            "owner_id": str(thread.owner_id),
            "message_count": sum(message.kind != THREAD_STARTER for message in channel.messages.values()),
            "member_count": min(len(thread.members), 50),
            "total_message_sent": thread.sent,
            "thread_metadata": {
                "archived": thread.archived,
                "archive_timestamp": thread.changed,
                "auto_archive_duration": thread.auto_archive_min,
                "locked": thread.locked,
                "create_timestamp": thread.created,
            },
        }
        if channel.private:
            payload["thread_metadata"]["invitable"] = thread.invitable
        if self._world.bot.id in thread.members:
            payload["member"] = self.thread_member(channel, thread, self._world.bot.id)
        return payload

    def thread_member(self, channel: Channel, thread: Thread, user_id: int) -> Payload:
        """Someone's place in a thread."""
        return {
            "id": str(channel.id),
            "user_id": str(user_id),
            "join_timestamp": thread.members[user_id],
            "flags": 0,
        }

    def webhook(self, webhook: Webhook, *, with_user: bool = True) -> Payload:
        """An incoming webhook; without its creator for who has nothing but its token."""
        payload: Payload = {
            "id": str(webhook.id),
            "type": 1,
            "name": webhook.name,
            "avatar": None,
            "channel_id": str(webhook.channel_id),
            "guild_id": str(webhook.guild_id),
            "application_id": str(self._world.bot.id),
            "token": webhook.token,
        }
        return payload | ({"user": self.user(self._world.users[webhook.creator_id])} if with_user else {})

    def guild(self, guild: Guild) -> Payload:
        """A server as REST shows it."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner_id),
            "roles": [self.role(role) for role in guild.roles.values()],
            "premium_tier": guild.premium_tier,
            "preferred_locale": guild.locale,
            "region": "deprecated",
            "afk_timeout": 300,
            "max_members": 500_000,
            **{name: [] for name in ("features", "emojis", "stickers")},
            **dict.fromkeys(("widget_enabled", "nsfw", "premium_progress_bar_enabled"), False),
            **dict.fromkeys(GUILD_ZEROS, 0),
            **dict.fromkeys(GUILD_NULLS),
        }

    def guild_create(self, guild: Guild) -> Payload:
        """A server as GUILD_CREATE shows it: with its channels and members."""
        places = list(self._world.guild_channels(guild.id))
        return self.guild(guild) | {
            "joined_at": guild.members[self._world.bot.id].joined,
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "channels": [self.channel(channel) for channel in places if channel.thread is None],
            "threads": [self.channel(channel) for channel in places if self._listed(channel)],
            "members": [self.member(member) for member in guild.members.values()],
            **{name: [] for name in GUILD_CREATE_EMPTY},
        }

    def _listed(self, channel: Channel) -> bool:
        """Whether a bot is told of a thread at once: it is active, and there for the bot."""
        thread = channel.thread
        return thread is not None and not thread.archived and sees(self._world, channel, self._world.bot.id)


def _overwrite(target_id: int, overwrite: Overwrite) -> Payload:
    return {
        "id": str(target_id),
        "type": overwrite.kind,
        "allow": str(overwrite.allow),
        "deny": str(overwrite.deny),
    }
