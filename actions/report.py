"""Report a picture, and decide about what was reported."""

from __future__ import annotations

from actions.delete import delete
from actions.person import Person
from actions.rights import Verb, may, seen_job
from actions.sanction import Sanctioned, may_sanction, sanction
from actions.studio import Studio
from core.errors import NotAllowed, NotFound, Refusal
from core.moderation import Ruling, SanctionKind
from db.audit import record
from db.jobs import Job
from db.reports import add_report, rule

#: What the member of a removed picture is told.
_WHY = "a picture that was reported and removed"


def report(studio: Studio, person: Person, job_id: str) -> Job:
    """Ask the moderators to look at a job's pictures.

    Raises:
        NotFound, NotAllowed: as `seen_job`; nobody reports what is their own.
        Refusal: this member has reported it before, or it belongs to no server.
    """
    with studio.database.begin() as session:
        job = seen_job(session, person, job_id)
        may(session, person, Verb.TAKE_PART)
        if job.guild_id is None or person.guild_id != job.guild_id:
            raise Refusal("Only pictures of this server can be reported here.")
        if job.member_id == person.member_id:
            raise NotAllowed("This is your own picture; 🗑️ deletes it.")
        if not add_report(session, job.guild_id, job.id, person.member_id):
            raise Refusal("You have reported this before; the moderators know of it.")
    return job


def decide(
    studio: Studio, person: Person, job_id: str, ruling: Ruling, *, author: Person
) -> tuple[Job, Sanctioned | None]:
    """Approve a reported job, remove it, or remove it and strike its member.

    Args:
        author: the job's member, with their rights here.

    Returns:
        The job, whose message the caller takes away where it was removed, and the strike.

    Raises:
        NotFound: there is no such job, or somebody else has decided.
        NotAllowed: the person does not moderate here, or it is their own picture.
    """
    with studio.database.read() as session:
        may(session, person, Verb.MODERATE)
        job = seen_job(session, person, job_id)
        if job.member_id == person.member_id:
            raise NotAllowed("Another moderator has to decide about your own picture.")
        if ruling == Ruling.STRIKE:
            assert author.member_id == job.member_id, "whose picture it is"
            may_sanction(session, person, author)
    if ruling != Ruling.APPROVE:
        # First: of two moderators at once, one finds it gone.
        delete(studio, person, job.id)
    _note(studio, person, job, ruling)
    if ruling != Ruling.STRIKE:
        return job, None
    return job, sanction(studio, person, author, SanctionKind.STRIKE, reason=_WHY, lasts_s=None)


def _note(studio: Studio, person: Person, job: Job, ruling: Ruling) -> None:
    with studio.database.begin() as session:
        if job.guild_id is None or not rule(session, job.guild_id, job.id, ruling, person.member_id):
            raise NotFound("Somebody else has decided about this; `/reports` shows the next.")
        detail = {"member_id": job.member_id}
        action = f"report.{ruling.value}"
        record(session, person.member_id, action, job.id, detail, guild_id=job.guild_id)
