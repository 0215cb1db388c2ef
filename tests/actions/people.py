"""Who is who in tests of actions, and how they ask."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from actions.draw import draw
from actions.person import Asked, Person
from actions.studio import Studio
from core.options.imagine import ImagineOptions
from db.jobs import Job

GUILD = 10
ANA = Person(member_id=1, guild_id=GUILD, channel_id=20)
BEN = replace(ANA, member_id=2)
MODERATOR = replace(ANA, member_id=3, is_moderator=True)
ELSEWHERE = Person(member_id=4, guild_id=11, channel_id=30, is_moderator=True)
ADMIN = replace(ANA, member_id=5, is_moderator=True, is_admin=True)

_interactions = count(1)


def asked(*, ephemeral: bool = False) -> Asked:
    return Asked(interaction_id=next(_interactions), token="token", ephemeral=ephemeral)


def make(studio: Studio, person: Person = ANA, *, ephemeral: bool = False, **options: object) -> Job:
    wishes = ImagineOptions(**{"prompt": "a red fox", **options})  # type: ignore[arg-type]
    return draw(studio, person, asked(ephemeral=ephemeral), wishes)
