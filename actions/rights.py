"""Who may do what. Checked at every command, press and reaction: ids can be forged, and rights end."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

from actions.person import Person
from core.errors import NotAllowed
from core.moderation import SanctionKind
from core.words import N_, _
from db.gallery import entry_of
from db.ids import no_such_job, read_job_id
from db.jobs import Job, get_job
from db.sanctions import Sanction, moderator_roles, standing
from db.seen import Viewer


class Verb(StrEnum):
    """What a right is asked for. What is one's own may always be looked at, cancelled and deleted."""

    #: Order pictures, hand pictures in.
    MAKE = "make pictures"
    #: See others' pictures and act on them: report, vote, publish.
    TAKE_PART = "take part"
    #: Act on others' pictures and on members.
    MODERATE = "moderate"
    #: Change what holds for the whole server.
    MANAGE = "manage"
    #: Answer for the whole studio, in all servers.
    OWN = "own"


_NEEDED = {
    Verb.MODERATE: N_(
        "That is for moderators: members who may manage messages or time others out, and roles that the "
        "server's managers named with `/mod role`."
    ),
    Verb.MANAGE: N_("That is for those who may manage this server."),
    Verb.OWN: N_("That is for the owner of this studio, whose bot this is."),
}


def may(session: Session, person: Person, verb: Verb, *, guild_id: int | None = None) -> None:
    """Refuse what the person may not do.

    Args:
        guild_id: the server that it is about, where that is not the one that they are in: whoever is banned
            there makes nothing out of its pictures elsewhere.

    Raises:
        NotAllowed: with what would do.
    """
    if verb in _NEEDED:
        held = {Verb.OWN: person.is_owner, Verb.MANAGE: person.is_admin}
        allowed = held[verb] if verb in held else moderates(session, person)
        if not allowed:
            raise NotAllowed(_(_NEEDED[verb]))
        return
    for guild in {here for here in (person.guild_id, guild_id) if here is not None}:
        sanction = standing(session, guild, person.member_id)
        if sanction is not None and (verb == Verb.MAKE or sanction.kind == SanctionKind.BAN):
            raise NotAllowed(_told(sanction))


def server_of(person: Person) -> int:
    """The server that the person is in. Raises NotAllowed: direct messages belong to none."""
    if person.guild_id is None:
        raise NotAllowed(_("This belongs to a server; use it there."))
    return person.guild_id


def server_where(session: Session, person: Person, verb: Verb) -> int:
    """The server that the person is in, and may do this in. Raises NotAllowed."""
    may(session, person, verb)
    return server_of(person)


def moderates(session: Session, person: Person) -> bool:
    """Whether the person moderates the server that they are in."""
    if person.guild_id is None:
        return False
    by_discord = person.is_moderator or person.is_admin
    return by_discord or not person.role_ids.isdisjoint(moderator_roles(session, person.guild_id))


def seen_job(session: Session, person: Person, job_id: str) -> Job:
    """The job as this person may see it here: their own, or one made openly in this server.

    Raises:
        NotFound: it never was, was deleted, or is not theirs to see; which of them is not told.
        NotAllowed: it is another member's, and they are banned here; or it was made in an age-restricted
            channel, and this is none.
    """
    job = job_of_theirs(session, person, job_id)
    if job.age_restricted and not person.age_restricted:
        raise age_restricted_only()
    return job


def age_restricted_only() -> NotAllowed:
    """What is told where something of an age-restricted channel is asked for in another."""
    return NotAllowed(
        _("That was made in an age-restricted channel, and can be seen and gone on with in such a one only.")
    )


def viewer_of(session: Session, person: Person) -> Viewer:
    """The person as who looks at many jobs at once; where they are banned, they see their own alone."""
    try:
        may(session, person, Verb.TAKE_PART)
        guild_id = person.guild_id
    except NotAllowed:
        guild_id = None
    return Viewer(
        member_id=person.member_id,
        guild_id=guild_id,
        age_restricted=person.age_restricted,
    )


def job_of_theirs(session: Session, person: Person, job_id: str, *, moderating: bool = False) -> Job:
    """As `seen_job`, wherever the person is: for what shows nothing of the job.

    Args:
        moderating: moderators reach what is private in their server, too: they act on it, and see it only
            where it waits for their decision (`actions.report.review`).
    """
    job = get_job(session, read_job_id(job_id))
    if job is None:
        raise no_such_job()
    reached = moderating and _moderates_its_server(session, person, job)
    if not reached and not _may_see(session, person, job):
        raise no_such_job()
    if job.member_id != person.member_id:
        may(session, person, Verb.TAKE_PART)
    return job


def own_job(session: Session, person: Person, job_id: str) -> Job:
    """The job, for a person who may cancel or delete it: its member, or a moderator of its server.

    Raises:
        NotFound: as `seen_job`.
        NotAllowed: it is another member's.
    """
    job = job_of_theirs(session, person, job_id, moderating=True)
    if job.member_id != person.member_id and not _moderates_its_server(session, person, job):
        raise NotAllowed(_("This is another member's picture; they or a moderator can do that."))
    return job


def _may_see(session: Session, person: Person, job: Job) -> bool:
    if job.member_id == person.member_id:
        return True
    if not _same_server(person, job):
        return False
    return not job.ephemeral or entry_of(session, job.id) is not None


def _moderates_its_server(session: Session, person: Person, job: Job) -> bool:
    return _same_server(person, job) and moderates(session, person)


def _same_server(person: Person, job: Job) -> bool:
    return job.guild_id is not None and job.guild_id == person.guild_id


def _told(sanction: Sanction) -> str:
    """What the member is told of what keeps them out."""
    # Reasons that the studio gave are in the catalogues; those that moderators typed stay as they are.
    reason = _(sanction.reason)
    when = None if sanction.expires_at is None else f"<t:{int(sanction.expires_at)}:f>"
    if sanction.kind != SanctionKind.BAN:
        kept_out = _("You are timed out in that server until {when}: {reason}", when=when, reason=reason)
    elif when is None:
        kept_out = _("You are banned from making pictures in that server: {reason}", reason=reason)
    else:
        kept_out = _(
            "You are banned from making pictures in that server until {when}: {reason}",
            when=when,
            reason=reason,
        )
    return kept_out + "\n" + _("Its moderators can lift it.")
