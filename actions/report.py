"""Report a picture, and decide about what was reported."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from actions.delete import delete_objects, delete_rows
from actions.info import JobInfo
from actions.person import Person
from actions.rights import Verb, job_of_theirs, may
from actions.sanction import Sanctioned, sanction_in
from actions.studio import Studio
from core.errors import NotAllowed, NotFound, Refusal
from core.moderation import STRIKE_LASTS_S, Ruling, SanctionKind
from core.words import N_, _, speaking
from db.audit import record
from db.image_policies import reject_held, release_held
from db.images import images_of
from db.jobs import Job
from db.reports import add_report, is_reported, rule

_DECIDED = N_("Somebody else has decided about this; `/reports` shows the next.")

#: What the member of a removed picture is told.
_WHY = N_("a picture that was reported and removed")


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What became of a case."""

    job: Job
    strike: Sanctioned | None


def report(studio: Studio, person: Person, job_id: str) -> Job:
    """Ask the moderators to look at a job's pictures.

    Raises:
        NotFound, NotAllowed: as `seen_job`; nobody reports what is their own.
        Refusal: this member has reported it before, or it belongs to no server.
    """
    with studio.database.begin() as session:
        job = job_of_theirs(session, person, job_id)
        may(session, person, Verb.TAKE_PART)
        if job.guild_id is None or person.guild_id != job.guild_id:
            raise Refusal(_("Only pictures of this server can be reported here."))
        if job.member_id == person.member_id:
            raise NotAllowed(_("This is your own picture; 🗑️ deletes it."))
        if not add_report(session, job.guild_id, job.id, person.member_id):
            raise Refusal(_("You have reported this before; the moderators know of it."))
    return job


def review(studio: Studio, person: Person, job_id: str) -> JobInfo:
    """A job that waits for a moderator's decision, with the pictures that were held back, also a private one.

    Raises:
        NotFound: there is no such job, or nothing of it waits.
        NotAllowed: the person does not moderate here.
    """
    with studio.database.read() as session:
        may(session, person, Verb.MODERATE)
        job = job_of_theirs(session, person, job_id, moderating=True)
        held = images_of(session, job.id, kind=None, held=True)
        if not held and not _is_reported(session, job):
            raise NotFound(_(_DECIDED))
        images = (*images_of(session, job.id, kind=None), *held)
        return JobInfo(job=job, images=images, position=None, undelivered=None)


def decide(studio: Studio, person: Person, job_id: str, ruling: Ruling, *, author: Person) -> Decided:
    """Approve a reported job, remove it, or remove it and strike its member.

    Of a job that nobody reported, the pictures that were held back for a moderator are approved or removed.

    Args:
        author: the job's member, with their rights here.

    Raises:
        NotFound: there is no such job, or somebody else has decided.
        NotAllowed: the person does not moderate here, or it is their own picture.
    """
    with studio.database.begin() as session:
        may(session, person, Verb.MODERATE)
        job = job_of_theirs(session, person, job_id, moderating=True)
        reported = _is_reported(session, job)
        if job.member_id == person.member_id:
            raise NotAllowed(_("Another moderator has to decide about your own picture."))
        strike = None
        if ruling == Ruling.STRIKE:
            assert author.member_id == job.member_id, "whose picture it is"
            # Before the job is deleted, as whoever locks a member does it first.
            strike = sanction_in(
                session, person, author, SanctionKind.STRIKE, reason=_WHY, lasts_s=STRIKE_LASTS_S
            )
        keys = (_rule if reported else _rule_held)(session, person, job, ruling)
    delete_objects(studio, keys)
    return Decided(job=job, strike=strike)


def _is_reported(session: Session, job: Job) -> bool:
    return job.guild_id is not None and is_reported(session, job.guild_id, job.id)


def _rule(session: Session, person: Person, job: Job, ruling: Ruling) -> set[str]:
    """Let a reported job stay, or delete it; keys of the objects that the caller deletes."""
    # Of two moderators at once, the second waits here, and finds no open report.
    if job.guild_id is None or not rule(session, job.guild_id, job.id, ruling, person.member_id):
        raise NotFound(_(_DECIDED))
    _note(session, person, f"report.{ruling.value}", job)
    if ruling != Ruling.APPROVE:
        return delete_rows(session, person, job)
    release_held(session, job.id)
    return set()


def _rule_held(session: Session, person: Person, job: Job, ruling: Ruling) -> set[str]:
    """Let a job's held pictures pass, or drop and refund them; keys of the objects as `_rule`."""
    keys: set[str] = set()
    if ruling == Ruling.APPROVE:
        ruled = release_held(session, job.id)
    else:
        with speaking(job.language):
            note = _("A moderator did not let it pass.")
        keys = set(reject_held(session, job.id, note))
        ruled = bool(keys)
    if not ruled:
        raise NotFound(_(_DECIDED))
    _note(session, person, f"quarantine.{ruling.value}", job)
    return keys


def _note(session: Session, person: Person, action: str, job: Job) -> None:
    detail = {"member_id": job.member_id}
    record(session, person.member_id, action, job.id, detail, guild_id=job.guild_id)
