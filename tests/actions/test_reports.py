"""Reports, what moderators decide about them, and appeals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy.exc import OperationalError

from actions.appeal import appeal, cases, decide_appeal
from actions.audit import audit
from actions.info import info
from actions.person import Person
from actions.report import Decided, decide, report
from actions.sanction import member_record, sanction
from actions.studio import Studio
from core.errors import BadOption, NotAllowed, NotFound, Refusal
from core.moderation import STRIKES, Ruling, SanctionKind
from db.jobs import Job
from tests.actions.people import ADMIN, ANA, BEN, ELSEWHERE, MODERATOR, make

CHLOE = replace(ANA, member_id=6)


def test_a_member_reports_a_picture_once(studio: Studio) -> None:
    job, other = make(studio), make(studio)
    report(studio, BEN, job.id)
    with pytest.raises(Refusal, match="reported this before"):
        report(studio, BEN, job.id)
    report(studio, BEN, other.id)
    report(studio, CHLOE, job.id)
    waiting = cases(studio, MODERATOR)
    assert waiting.reported is not None and waiting.count == 2
    assert (waiting.reported.job_id, waiting.reported.reporters) == (job.id, (2, 6))
    assert cases(studio, ELSEWHERE).count == 0


def test_what_cannot_be_reported(studio: Studio) -> None:
    own, private = make(studio), make(studio, ephemeral=True)
    with pytest.raises(NotAllowed, match="your own"):
        report(studio, ANA, own.id)
    for person, job_id in (
        (BEN, private.id),
        (ELSEWHERE, own.id),
        (replace(BEN, guild_id=None), own.id),
        (BEN, "x"),
    ):
        with pytest.raises(NotFound):
            report(studio, person, job_id)
    sanction(studio, MODERATOR, BEN, SanctionKind.BAN, reason="spam", lasts_s=None)
    with pytest.raises(NotAllowed, match="banned"):
        report(studio, BEN, own.id)
    assert cases(studio, MODERATOR).count == 0


def test_approved_removed_struck(studio: Studio) -> None:
    jobs = [make(studio) for _ in range(3)]
    for job in jobs:
        report(studio, BEN, job.id)
    decide(studio, MODERATOR, jobs[0].id, Ruling.APPROVE, author=ANA)
    info(studio, ANA, jobs[0].id)
    decide(studio, MODERATOR, jobs[1].id, Ruling.REMOVE, author=ANA)
    strike = decide(studio, MODERATOR, jobs[2].id, Ruling.STRIKE, author=ANA).strike
    assert strike is not None and member_record(studio, ANA, ANA.member_id).strikes == 1
    for job in jobs[1:]:
        with pytest.raises(NotFound):
            info(studio, ANA, job.id)
    assert cases(studio, MODERATOR).count == 0
    noted = [entry.action for entry in audit(studio, MODERATOR, words="report.").entries]
    assert noted == ["report.strike", "report.remove", "report.approve"]
    for job in jobs:
        with pytest.raises(NotFound):
            decide(studio, ADMIN, job.id, Ruling.REMOVE if job is not jobs[0] else Ruling.APPROVE, author=ANA)
    # Who had not reported it yet may still do so.
    report(studio, CHLOE, jobs[0].id)
    assert cases(studio, MODERATOR).count == 1


def test_a_strike_that_fails_leaves_picture_and_report(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make(studio)
    report(studio, BEN, job.id)

    def broken(*_: object, **__: object) -> None:
        raise OperationalError("INSERT INTO sanctions", None, Exception("the connection was lost"))

    with monkeypatch.context() as patched:
        patched.setattr("actions.sanction.impose", broken)
        with pytest.raises(OperationalError):
            decide(studio, MODERATOR, job.id, Ruling.STRIKE, author=ANA)
    assert info(studio, ANA, job.id) and cases(studio, MODERATOR).count == 1
    assert decide(studio, MODERATOR, job.id, Ruling.STRIKE, author=ANA).strike is not None


def test_of_two_moderators_at_once_one_decides(studio: Studio) -> None:
    """Whoever was quicker, what became of the picture is what was noted of it."""
    for number in range(6):
        job = make(studio)
        report(studio, BEN, job.id)
        both = Barrier(2)

        def rule(person: Person, ruling: Ruling, job: Job = job, both: Barrier = both) -> Decided | None:
            both.wait()
            try:
                return decide(studio, person, job.id, ruling, author=ANA)
            except NotFound:
                return None

        with ThreadPoolExecutor(2) as pool:
            removing = pool.submit(rule, MODERATOR, Ruling.REMOVE)
            approving = pool.submit(rule, ADMIN, Ruling.APPROVE)
            removed, approved = removing.result(), approving.result()
        assert (removed is None) != (approved is None)
        noted = [entry.action for entry in audit(studio, MODERATOR, words=job.id).entries]
        if removed is None:
            assert noted == ["report.approve"] and info(studio, ANA, job.id)
        else:
            assert noted == ["job.delete", "report.remove"], number


@pytest.mark.parametrize("ruling", Ruling)
@pytest.mark.parametrize("person", [ANA, BEN, ELSEWHERE, replace(ELSEWHERE, guild_id=None)])
def test_who_may_not_decide(studio: Studio, person: Person, ruling: Ruling) -> None:
    job = make(studio)
    report(studio, BEN, job.id)
    with pytest.raises((NotAllowed, NotFound)):
        decide(studio, person, job.id, ruling, author=ANA)
    assert cases(studio, MODERATOR).count == 1 and info(studio, ANA, job.id)
    with pytest.raises(NotAllowed):
        cases(studio, replace(person, is_moderator=False))


def test_ones_own_pictures_and_other_moderators_are_for_others(studio: Studio) -> None:
    job = make(studio, MODERATOR)
    report(studio, BEN, job.id)
    with pytest.raises(NotAllowed, match="your own"):
        decide(studio, MODERATOR, job.id, Ruling.APPROVE, author=MODERATOR)
    second = replace(MODERATOR, member_id=7)
    with pytest.raises(NotAllowed, match="is a moderator"):
        decide(studio, second, job.id, Ruling.STRIKE, author=MODERATOR)
    assert info(studio, BEN, job.id)
    decide(studio, second, job.id, Ruling.REMOVE, author=MODERATOR)


def test_the_last_strike_of_too_many_times_out(studio: Studio) -> None:
    for number in range(STRIKES):
        job = make(studio)
        report(studio, BEN, job.id)
        strike = decide(studio, MODERATOR, job.id, Ruling.STRIKE, author=ANA).strike
        assert strike is not None and (strike.follows is not None) == (number == STRIKES - 1)


def test_an_appeal_lifts_or_not_and_comes_once(studio: Studio) -> None:
    with pytest.raises(Refusal, match="nothing against you"):
        appeal(studio, ANA, "please")
    first = sanction(studio, MODERATOR, ANA, SanctionKind.STRIKE, reason="spam", lasts_s=None).sanction
    ban = sanction(studio, MODERATOR, ANA, SanctionKind.BAN, reason="spam", lasts_s=None).sanction
    with pytest.raises(BadOption):
        appeal(studio, ANA, " \u200b")
    assert appeal(studio, ANA, "it was not me").id == ban.id
    sleep(0.01)  # the database's clock may count milliseconds, and the first appeal is heard first
    assert appeal(studio, ANA, "nor that").id == first.id
    with pytest.raises(Refusal):
        appeal(studio, ANA, "again")
    waiting = cases(studio, MODERATOR)
    assert waiting.appeal is not None and waiting.appeal.text == "it was not me" and waiting.count == 2
    for person in (ANA, BEN, ELSEWHERE):
        with pytest.raises((NotAllowed, NotFound)):
            decide_appeal(studio, person, ban.id, granted=True)
    with pytest.raises(NotAllowed, match="banned"):
        make(studio)
    decide_appeal(studio, MODERATOR, ban.id, granted=True)
    make(studio)
    decide_appeal(studio, MODERATOR, first.id, granted=False)
    assert member_record(studio, ANA, ANA.member_id).strikes == 1
    with pytest.raises(NotFound):
        decide_appeal(studio, MODERATOR, ban.id, granted=False)
