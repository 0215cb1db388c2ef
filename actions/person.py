"""Who does something, where, and what Discord says they may do there."""

from __future__ import annotations

from dataclasses import dataclass

from core.words import ENGLISH


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member at the moment of asking; made anew for every command and button."""

    member_id: int
    #: None in direct messages.
    guild_id: int | None
    channel_id: int
    #: The channel that a thread belongs to.
    parent_id: int | None = None
    #: Discord says that this channel is age-restricted; direct messages never are.
    age_restricted: bool = False
    #: May manage messages in this channel, or time members out.
    is_moderator: bool = False
    #: Runs this studio: Discord says that the bot is theirs.
    is_owner: bool = False
    #: May manage the server.
    is_admin: bool = False
    #: Roles held in this server; some may moderate by the server's own settings.
    role_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a person asked: the Discord interaction, which makes at most one job however often it arrives."""

    interaction_id: int
    #: Edits the answer for 15 minutes; a secret.
    token: str | None = None
    #: Only the person sees the answer.
    ephemeral: bool = False
    #: Credits that the person was asked about and agreed to spend; more than that asks again.
    agreed: int = 0
    #: In which the answer speaks: the person's where only they see it, else the server's.
    language: str = ENGLISH

    def __repr__(self) -> str:
        return f"Asked(interaction_id={self.interaction_id})"
