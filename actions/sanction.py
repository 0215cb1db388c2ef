"""Ban, time out or strike a member, lift it again, and look at what a member has against them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import Verb, may, moderates, server_of, server_where
from actions.studio import Studio
from core.errors import BadOption, NotAllowed, NotFound
from core.moderation import SANCTION_WORDS, STRIKE_LASTS_S, STRIKES, TIME_OUT_AFTER_STRIKES_S, SanctionKind
from core.text import clean_text, is_blank
from core.words import N_, _
from db.audit import record
from db.jobs import open_job_ids, request_cancel
from db.recounts import mend_votes
from db.sanctions import Sanction, impose, sanctions_of, set_moderator_role, strikes
from db.sanctions import lift as db_lift

MAX_REASON_CHARACTERS = 300
#: Why a time-out follows the last of STRIKES.
_TOO_MANY = N_("too many strikes")
_SHOWN = 15


@dataclass(frozen=True, kw_only=True)
class Sanctioned:
    """What came of it."""

    sanction: Sanction
    #: A time-out that the last of too many strikes brought.
    follows: Sanction | None = None
    #: Jobs that were cancelled.
    cancelled: int = 0


@dataclass(frozen=True, kw_only=True)
class MemberRecord:
    #: The newest first, those that are over included.
    sanctions: tuple[Sanction, ...]
    #: Strikes that count now.
    strikes: int


def sanction(
    studio: Studio, person: Person, other: Person, kind: SanctionKind, *, reason: str, lasts_s: float | None
) -> Sanctioned:
    """Sanction `other`, in the server that both are in. A ban cancels and refunds what they have waiting.

    Args:
        lasts_s: None is for good (a ban), or as long as strikes count.

    Raises:
        NotAllowed: the person does not moderate here, or the other does.
        BadOption: a time-out without an end, or no reason.
    """
    lasts_s = _length(kind, lasts_s)
    words = clean_text("reason", reason, limit=MAX_REASON_CHARACTERS)
    if is_blank(words):
        raise BadOption("reason", reason, _("say in a few words why; the member is told."))
    with studio.database.begin() as session:
        # A submit under way holds the member: it ends before this, or begins after it and is refused.
        done = sanction_in(session, person, other, kind, reason=words, lasts_s=lasts_s)
    # In transactions of their own: a worker locks a job before its account.
    cancelled = _cancel_all(studio, done.sanction) if kind == SanctionKind.BAN else 0
    recount_where_banned(studio, done.sanction.guild_id, other.member_id, kind)
    return replace(done, cancelled=cancelled)


def sanction_in(
    session: Session, person: Person, other: Person, kind: SanctionKind, *, reason: str, lasts_s: float | None
) -> Sanctioned:
    """The same in the caller's transaction, which cancels nothing; it holds the member's row from here on.

    Raises NotAllowed.
    """
    guild_id = _may_sanction(session, person, other)
    made = _impose(session, person, other, kind, reason, lasts_s)
    follows = None
    if kind == SanctionKind.STRIKE and strikes(session, guild_id, other.member_id) >= STRIKES:
        follows = _impose(session, person, other, SanctionKind.TIME_OUT, _TOO_MANY, TIME_OUT_AFTER_STRIKES_S)
    return Sanctioned(sanction=made, follows=follows)


def lift(studio: Studio, person: Person, other: Person, kind: SanctionKind) -> int:
    """End the other's sanctions of one kind; how many there were. Raises NotAllowed, NotFound."""
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MODERATE)
        lifted = db_lift(session, kind, guild_id=guild_id, member_id=other.member_id)
        if not lifted:
            raise NotFound(_("That member has no {kind} here that counts now.", kind=_(SANCTION_WORDS[kind])))
        record(session, person.member_id, f"{kind.value}.lift", str(other.member_id), guild_id=guild_id)
    recount_where_banned(studio, guild_id, other.member_id, kind)
    return lifted


def member_record(studio: Studio, person: Person, member_id: int) -> MemberRecord:
    """What a member has against them in this server: their own is shown to anyone, others' to moderators."""
    with studio.database.read() as session:
        guild_id = server_of(person)
        if member_id != person.member_id:
            may(session, person, Verb.MODERATE)
        return MemberRecord(
            sanctions=tuple(sanctions_of(session, guild_id, member_id, limit=_SHOWN)),
            strikes=strikes(session, guild_id, member_id),
        )


def let_role_moderate(studio: Studio, person: Person, role_id: int, *, moderates: bool) -> None:
    """A role's members moderate this server, or do so no more. Raises NotAllowed."""
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        set_moderator_role(session, guild_id, role_id, moderates=moderates)
        action = "role.moderates" if moderates else "role.moderates no more"
        record(session, person.member_id, action, str(role_id), guild_id=guild_id)


def recount_where_banned(studio: Studio, guild_id: int, member_id: int, kind: SanctionKind) -> None:
    """Votes of banned members do not count; those of whoever was let back do."""
    if kind == SanctionKind.BAN:
        mend_votes(studio.database, guild_id, voter_id=member_id)


def _length(kind: SanctionKind, lasts_s: float | None) -> float | None:
    if kind == SanctionKind.TIME_OUT and lasts_s is None:
        raise BadOption("duration", "", _("a time-out has an end, as `30m`, `2h` or `7d`. A ban needs none."))
    return STRIKE_LASTS_S if kind == SanctionKind.STRIKE and lasts_s is None else lasts_s


def _may_sanction(session: Session, person: Person, other: Person) -> int:
    """Whether the person may sanction the other; the server that it is in. Raises NotAllowed."""
    may(session, person, Verb.MODERATE)
    if other.member_id == person.member_id or other.is_admin:
        raise NotAllowed(_("Neither oneself nor those who manage the server can be sanctioned."))
    if moderates(session, other) and not person.is_admin:
        raise NotAllowed(_("That member is a moderator; those who manage the server can do that."))
    return server_of(person)


def _impose(
    session: Session, person: Person, other: Person, kind: SanctionKind, reason: str, lasts_s: float | None
) -> Sanction:
    guild_id = server_of(person)
    made = impose(
        session,
        kind,
        guild_id=guild_id,
        member_id=other.member_id,
        reason=reason,
        by_id=person.member_id,
        lasts_s=lasts_s,
    )
    detail = {"reason": reason, "until": made.expires_at}
    record(session, person.member_id, kind.value, str(other.member_id), detail, guild_id=guild_id)
    return made


def _cancel_all(studio: Studio, ban: Sanction) -> int:
    """Cancel what the member has waiting or running in that server; how many jobs."""
    with studio.database.read() as session:
        job_ids = open_job_ids(session, member_id=ban.member_id, guild_id=ban.guild_id)
    for job_id in job_ids:
        with studio.database.begin() as session:
            request_cancel(session, job_id)
    return len(job_ids)
