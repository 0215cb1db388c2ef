"""Servers and who is in them."""

from dataclasses import dataclass, field

from .permissions import in_guild

UPLOAD_LIMIT_BYTES = {0: 10 << 20, 1: 10 << 20, 2: 50 << 20, 3: 100 << 20}  # by premium tier


@dataclass(kw_only=True)
class User:
    """A person, or the bot."""

    id: int
    name: str
    bot: bool = False
    accepts_dms: bool = True
    locale: str = "en-US"  # the language of their client


@dataclass(kw_only=True)
class Role:
    """A role of one server; the one whose id is the server's is @everyone."""

    id: int
    name: str
    permissions: int
    position: int
    managed: bool = False  # a bot's own role, which nobody gives or takes


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
    locale: str = "en-US"  # which the server prefers
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def upload_limit_bytes(self) -> int:
        """The largest file a message here may carry."""
        return self.upload_limit or UPLOAD_LIMIT_BYTES[self.premium_tier]

    def permissions(self, user_id: int) -> int:
        """What a member may do, as Discord's bit set."""
        return in_guild(self, user_id)

    def highest_role(self, user_id: int) -> int:
        """The position of a member's highest role; 0 with none."""
        return max((self.roles[role_id].position for role_id in self.members[user_id].roles), default=0)


@dataclass(frozen=True, kw_only=True)
class Overwrite:
    """What a channel changes for a role (kind 0) or a member (kind 1)."""

    kind: int
    allow: int = 0
    deny: int = 0
