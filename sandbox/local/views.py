"""What a member sees, with what tests want to know besides."""

from typing import Any

from ..guilds import Guild, User
from ..payloads import COMPONENT, SLASH
from ..permissions import in_channel
from ..server import Discord
from ..state import EPHEMERAL, LOADING, Channel, Interaction, Message
from .options import GROUP
from .people import may_see

View = dict[str, Any]

CHANNEL_SHOWN = ("id", "type", "name", "parent_id", "topic", "nsfw", "position", "thread_metadata")
REPLY_SHOWN = 120  # characters of a message that is answered


def seen_message(discord: Discord, message: Message) -> View:
    """A message as Discord shows it, and its history. Everyone who sees it sees the same.

    Of two views of one message, the one with the larger `version` is the newer.
    """
    interaction = message.interaction
    view: View = discord.payloads.message(message) | {
        "ephemeral": bool(message.flags & EPHEMERAL),
        "loading": bool(message.flags & LOADING),
        "created_at": message.created_at,
        "edited_at": message.edited_at,
        "interaction_id": str(interaction.id) if interaction else None,
        "used": _used(interaction) if interaction else None,
        "answers": _answered(discord, message),
        "version": discord.changes.version,
    }
    for reaction, users in zip(view.get("reactions", ()), message.reactions.values(), strict=True):
        reaction["users"] = [str(user_id) for user_id in users]
    return view


def seen_interaction(discord: Discord, interaction: Interaction) -> View:
    """What became of an interaction; times are time.monotonic()."""
    channel = discord.world.channels.get(interaction.channel_id)
    answer = channel.messages.get(interaction.original_id or 0) if channel else None
    return {
        "id": str(interaction.id),
        "kind": interaction.kind,
        "user_id": str(interaction.user_id),
        "channel_id": str(interaction.channel_id),
        "sent_at": interaction.sent_at,
        "acknowledged_at": interaction.acknowledged_at,
        "answer_kind": interaction.answer_kind,
        "thinks": answer is not None and bool(answer.flags & LOADING),
        "message_id": str(interaction.original_id) if interaction.original_id else None,
        "choices": interaction.choices,
        "modal": interaction.modal,
    }


def seen_town(discord: Discord, user: User) -> View:
    """The servers, channels and people that a member sees, and whether the bot is there."""
    world = discord.world
    mine = [guild for guild in world.guilds.values() if user.id in guild.members]
    dms = [c for c in world.channels.values() if c.guild_id is None and may_see(world, user, c)]
    return {
        "me": str(user.id),
        "bot_id": str(world.bot.id),
        "connected": discord.gateway.connected(),
        "users": {str(one.id): {"name": one.name, "bot": one.bot} for one in world.users.values()},
        "guilds": [_guild(discord, guild, user) for guild in mine],
        "dms": [
            _channel(discord, channel, user) | {"with": str(_peer(discord, channel, user))} for channel in dms
        ],
    }


def _guild(discord: Discord, guild: Guild, user: User) -> View:
    world = discord.world
    channels = [c for c in world.guild_channels(guild.id) if may_see(world, user, c)]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "upload_limit": guild.upload_limit_bytes,
        "channels": [_channel(discord, channel, user) for channel in channels],
        "roles": [{"id": str(role.id), "name": role.name} for role in guild.roles.values()],
        "members": [
            {"id": str(member.user.id), "roles": [str(role_id) for role_id in member.roles]}
            for member in guild.members.values()
        ],
    }


def _channel(discord: Discord, channel: Channel, user: User) -> View:
    payload = discord.payloads.channel(channel)
    newest = (m.id for m in reversed(channel.messages.values()) if m.visible_to(user.id))
    last = next(newest, None)
    shown = {name: payload[name] for name in CHANNEL_SHOWN if payload.get(name) is not None}
    return shown | {
        "last_message_id": None if last is None else str(last),
        "permissions": str(in_channel(discord.world, channel, user.id)),
    }


def _peer(discord: Discord, channel: Channel, user: User) -> int | None:
    """Whom `user` writes to in direct messages."""
    if channel.without_bot is None:
        return discord.world.bot.id
    return channel.peer_id if channel.recipient_id == user.id else channel.recipient_id


def _used(interaction: Interaction) -> View:
    """Who asked, and by which command."""
    return {
        "user_id": str(interaction.user_id),
        "kind": interaction.kind,
        "command": _command_path(interaction.data) if interaction.kind == SLASH else None,
        "command_type": interaction.data.get("type", 1),
    }


def _command_path(data: View) -> str:
    """A command with its subcommand: "library add"."""
    names, options = [data["name"]], data.get("options") or []
    while options and options[0]["type"] <= GROUP:
        names.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(names)


def _answered(discord: Discord, message: Message) -> View | None:
    """The message that this one replies to, or whose button asked for it, in short."""
    interaction = message.interaction
    asked_on = interaction.source_id if interaction and interaction.kind == COMPONENT else None
    target = message.reply_to or asked_on
    if target is None or target == message.id:
        return None
    found = discord.world.channels[message.channel_id].messages.get(target)
    if found is None or found.only_for not in (None, message.only_for):
        return {"id": str(target), "author_id": None, "content": None}
    text = found.content or ("Click to see attachment" if found.attachments else "Click to see embed")
    return {"id": str(found.id), "author_id": str(found.author_id), "content": text[:REPLY_SHOWN]}
