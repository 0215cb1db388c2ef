"""Finding members, channels and messages by what a test or a person calls them."""

from ..guilds import Guild, User
from ..permissions import sees
from ..state import Channel, Message, World
from .errors import Refused


def find_user(world: World, who: str) -> User:
    """A person by id or name."""
    for user in world.users.values():
        if who in (str(user.id), user.name):
            return user
    raise Refused(f"there is no member {who!r}; there are {', '.join(u.name for u in world.users.values())}")


def find_guild(world: World, which: str | None) -> Guild:
    """A server by id or name; the first one without."""
    for guild in world.guilds.values():
        if which in (None, str(guild.id), guild.name):
            return guild
    raise Refused(f"there is no server {which!r}")


def find_channel(world: World, which: str) -> Channel:
    """A channel by id, or a server's channel by name, with or without #."""
    for channel in world.channels.values():
        if which == str(channel.id) or (channel.guild_id and which.removeprefix("#") == channel.name):
            return channel
    raise Refused(f"there is no channel {which!r}")


def find_message(world: World, user: User, message_id: int) -> tuple[Channel, Message]:
    """A message that this person can see."""
    for channel in world.channels.values():
        message = channel.messages.get(message_id)
        if message is not None and message.visible_to(user.id) and may_see(world, user, channel):
            return channel, message
    raise Refused(f"{user.name} sees no message {message_id}")


def may_see(world: World, user: User, channel: Channel) -> bool:
    """A server's channels are for the members that its permissions let in, direct messages for their two."""
    return sees(world, channel, user.id)
