"""Who and what is there: the server that every run starts with, and how to add more."""

from .clock import Clock
from .guilds import Guild, Member, Role, User
from .permissions import Permission
from .state import DM_CHANNEL, TEXT_CHANNEL, Channel, World

P = Permission
#: How old accounts are where nothing else is said.
ACCOUNT_DAYS = 365.0
EVERYONE = int(
    P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.ATTACH_FILES | P.READ_MESSAGE_HISTORY
    | P.ADD_REACTIONS | P.MENTION_EVERYONE | P.USE_EXTERNAL_EMOJIS | P.USE_APPLICATION_COMMANDS
    | P.CREATE_PUBLIC_THREADS | P.CREATE_PRIVATE_THREADS | P.SEND_MESSAGES_IN_THREADS
)  # fmt: skip
MODERATOR = EVERYONE | int(
    P.MANAGE_MESSAGES | P.MANAGE_GUILD | P.MANAGE_ROLES | P.MANAGE_CHANNELS | P.MANAGE_THREADS
    | P.MANAGE_WEBHOOKS | P.PIN_MESSAGES
)  # fmt: skip


class Town:
    """Makes people, servers, roles and channels."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        bot = User(id=clock.snowflake(), name="Atelier", bot=True)
        self.world = World(bot=bot, users={bot.id: bot})
        owner = self.add_user("olive")
        guild = self.add_guild("Atelier", owner)
        moderator = self.add_role(guild, "moderator", MODERATOR)
        for name in ("ana", "ben", "chloe"):
            self.join(guild, self.add_user(name))
        self.join(guild, self.add_user("maya"), roles=[moderator.id])
        self.add_channel(guild, "studio")
        self.add_channel(guild, "gallery")

    def add_user(self, name: str, *, account_days: float = ACCOUNT_DAYS) -> User:
        """A person who is in no server yet; their id says how old their account is."""
        made_before_ms = int(account_days * 86_400_000)
        user = User(id=self._clock.snowflake() - (made_before_ms << 22), name=name)
        self.world.users[user.id] = user
        return user

    def add_guild(
        self, name: str, owner: User, *, premium_tier: int = 0, upload_limit: int | None = None
    ) -> Guild:
        """A server with its owner and the bot in it."""
        guild_id = self._clock.snowflake()
        guild = Guild(
            id=guild_id, name=name, owner_id=owner.id, premium_tier=premium_tier, upload_limit=upload_limit
        )
        guild.roles[guild_id] = Role(id=guild_id, name="@everyone", permissions=EVERYONE, position=0)
        self.world.guilds[guild_id] = guild
        for user in (owner, self.world.bot):
            self.join(guild, user)
        return guild

    def add_role(self, guild: Guild, name: str, permissions: int) -> Role:
        """A role above those there are."""
        role = Role(id=self._clock.snowflake(), name=name, permissions=permissions, position=len(guild.roles))
        guild.roles[role.id] = role
        return role

    def add_channel(self, guild: Guild, name: str, *, nsfw: bool = False) -> Channel:
        """A text channel."""
        channel = Channel(
            id=self._clock.snowflake(), kind=TEXT_CHANNEL, name=name, guild_id=guild.id, nsfw=nsfw
        )
        self.world.channels[channel.id] = channel
        return channel

    def join(self, guild: Guild, user: User, *, roles: list[int] | None = None) -> Member:
        """Make a user a member."""
        member = Member(user=user, joined=self._clock.iso(), roles=roles or [])
        guild.members[user.id] = member
        return member

    def open_dm(self, user: User) -> Channel:
        """The direct messages between the bot and a user: the same channel each time."""
        channel = self.world.dm(user.id)
        if channel is None:
            channel = Channel(
                id=self._clock.snowflake(), kind=DM_CHANNEL, name=user.name, recipient_id=user.id
            )
            self.world.channels[channel.id] = channel
        return channel

    def open_dm_between(self, user: User, peer: User) -> Channel:
        """The direct messages between two members: the same channel each time."""
        channel = self.world.dm_between(user.id, peer.id)
        if channel is None:
            channel = Channel(
                id=self._clock.snowflake(),
                kind=DM_CHANNEL,
                name=peer.name,
                recipient_id=user.id,
                peer_id=peer.id,
            )
            self.world.channels[channel.id] = channel
        return channel
