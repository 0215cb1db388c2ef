"""Lost leases, suspects, lost doorbells, orphans and old secrets."""

from __future__ import annotations

from sqlalchemy import update

from core.jobs import JobState
from db import claims, jobs, keeping
from db.tables import JobRow
from tests.db.studio import Studio


def _expire(studio: Studio, *job_ids: str) -> list[str]:
    for job_id in job_ids:
        studio.lose(job_id)
    with studio.database.begin() as session:
        return keeping.expire_leases(session)


def test_a_lease_that_holds_is_left_alone(studio: Studio) -> None:
    studio.submit()
    studio.take()
    assert _expire(studio) == []


def test_a_lost_job_runs_alone_from_then_on(studio: Studio) -> None:
    lost = studio.submit()
    studio.take()
    assert _expire(studio, lost.id) == [lost.id]
    job = studio.job(lost.id)
    assert (job.state, job.suspect, job.losses, job.counted_attempts) == (JobState.QUEUED, True, 1, 0)
    studio.submit(member=2)

    alone = studio.take()
    assert alone.job.id == lost.id
    assert studio.claim() is None
    studio.image(alone.claim)
    studio.finish(alone.claim)
    assert studio.claim()


def test_a_suspect_waits_for_an_empty_worker(studio: Studio) -> None:
    lost = studio.submit()
    studio.take()
    _expire(studio, lost.id)
    studio.worker("other")
    companion = studio.submit(member=2)
    with studio.database.begin() as session:
        session.execute(update(JobRow).where(JobRow.id == companion.id).values(turn=-1.0))
    held = studio.take("other")
    assert held.job.id == companion.id
    assert studio.claim("other") is None
    assert studio.claim("worker")


def test_three_crashes_alone_are_the_end(studio: Studio) -> None:
    job = studio.submit()
    for _ in range(3):
        studio.take()
        assert _expire(studio, job.id) == [job.id]
    studio.take()
    assert _expire(studio, job.id) == []
    dead = studio.job(job.id)
    assert (dead.state, dead.losses, dead.counted_attempts) == (JobState.DEAD, 4, 3)
    assert dead.error is not None
    assert studio.balance() == 1000


def test_companions_of_a_crash_are_not_blamed(studio: Studio) -> None:
    made = [studio.submit(member=member).id for member in range(4)]
    for _ in made:
        studio.take()
    assert sorted(_expire(studio, *made)) == sorted(made)
    for _ in made:
        claim = studio.take().claim
        studio.image(claim)
        studio.finish(claim)
    assert {studio.job(job_id).state for job_id in made} == {JobState.DONE}


def test_a_cancelled_job_that_is_lost_ends(studio: Studio) -> None:
    job = studio.submit()
    studio.take()
    with studio.database.begin() as session:
        jobs.request_cancel(session, job.id)
    assert _expire(studio, job.id) == []
    assert studio.job(job.id).state == JobState.CANCELLED
    assert studio.balance() == 1000


def test_doorbells_that_nobody_answered(studio: Studio) -> None:
    old = studio.submit(age_s=20)
    studio.submit()
    with studio.database.read() as session:
        assert keeping.unanswered(session, 10.0) == [old.id]


def test_existing_jobs_leave_out_the_deleted(studio: Studio) -> None:
    kept, gone = studio.submit(), studio.submit()
    with studio.database.begin() as session:
        jobs.delete_job(session, gone.id)
        assert keeping.existing_jobs(session, [kept.id, gone.id, "NOSUCHJOB"]) == {kept.id}


def test_interaction_tokens_are_dropped_when_they_no_longer_work(studio: Studio) -> None:
    job = studio.submit()
    with studio.database.begin() as session:
        jobs.set_placeholder(session, job.id, channel_id=1, message_id=2, interaction_token="token")
        jobs.request_cancel(session, job.id)
        keeping.forget_stale(session)
    assert studio.job(job.id).interaction_token == "token"
    studio.move(job.id, created_at=-1000.0)
    with studio.database.begin() as session:
        keeping.forget_stale(session)
    assert studio.job(job.id).interaction_token is None


def test_a_late_renewal_before_anyone_noticed_keeps_the_job(studio: Studio) -> None:
    job = studio.submit()
    claim = studio.take().claim
    studio.lose(job.id)
    with studio.database.begin() as session:
        assert claims.renew(session, [claim], 30.0).alive == {claim}
    assert _expire(studio) == []
