"""What a person may do here, for help that shows them nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from actions.person import Person
from actions.rights import moderates
from actions.studio import Studio
from core.access import WAYS, Subject, denied
from db.access_rules import access_rules


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A person's rights at the moment of asking."""

    in_server: bool
    moderates: bool
    manages: bool
    owns: bool
    #: Ways to draw (`core.access.WAYS`) that the server's rules keep from them here.
    denied: frozenset[str]


def standing_of(studio: Studio, person: Person) -> Standing:
    with studio.database.read() as session:
        rules = access_rules(session, person.guild_id) if person.guild_id is not None else []
        is_moderator = moderates(session, person)
    channels = [place for place in (person.channel_id, person.parent_id) if place is not None]
    return Standing(
        in_server=person.guild_id is not None,
        moderates=is_moderator,
        manages=person.is_admin,
        owns=person.is_owner,
        denied=frozenset(
            way
            for way in WAYS
            if denied(rules, Subject.COMMAND, way, roles=person.role_ids, channels=channels) is not None
        ),
    )
