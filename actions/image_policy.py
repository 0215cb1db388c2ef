"""What becomes of pictures that the safety checker flags, by channel: managers choose, every order asks."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import Verb, server_of, server_where
from actions.studio import Studio
from core.errors import BadOption
from core.moderation import ImagePolicy
from core.words import _
from db.audit import record
from db.image_policies import policies, policy_of, set_policy


def policy_here(session: Session, person: Person) -> ImagePolicy:
    """The policy for what this person orders where they are; in direct messages everything is blocked.

    Nothing is shown behind a spoiler where Discord does not keep minors out, whatever was set before.
    """
    if person.guild_id is None:
        return ImagePolicy.BLOCK
    places = [place for place in (person.channel_id, person.parent_id) if place is not None]
    policy = policy_of(session, person.guild_id, places)
    return ImagePolicy.BLOCK if policy == ImagePolicy.SPOILER and not person.age_restricted else policy


def set_image_policy(
    studio: Studio, person: Person, policy: ImagePolicy, *, channel_id: int | None, age_restricted: bool
) -> None:
    """Set the policy of a channel, or (None) of all channels of the person's server that have none.

    Args:
        age_restricted: whether Discord shows that channel to adults alone.

    Raises:
        NotAllowed: the person does not manage this server.
        BadOption: a spoiler outside an age-restricted channel.
    """
    if policy == ImagePolicy.SPOILER and not (channel_id is not None and age_restricted):
        allowed = _("spoilers are for age-restricted channels; name one that is, or choose quarantine.")
        raise BadOption("policy", policy.value, allowed)
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        set_policy(session, guild_id, guild_id if channel_id is None else channel_id, policy)
        detail = {"channel_id": channel_id}
        record(session, person.member_id, "images.policy", policy.value, detail, guild_id=guild_id)


def policies_here(studio: Studio, person: Person) -> dict[int, ImagePolicy]:
    """By channel; the server's own id stands for all others. Raises NotAllowed in direct messages."""
    with studio.database.read() as session:
        return policies(session, server_of(person))
