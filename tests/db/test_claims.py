"""Who gets which job, and what a worker may still write about it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.jobs import ImageKind, JobState
from db import claims, jobs, keeping, submitting
from db.claiming import STARVATION_S, UnknownWorker
from db.claims import Claim
from db.tables import DeliveryState
from tests.db.studio import IMAGE_PRICE, LEASE_S, Studio


def test_a_claim_runs_the_job(studio: Studio) -> None:
    job = studio.submit()
    claimed = studio.take()
    assert claimed.claim == Claim(job.id, 1)
    assert claimed.done_images == frozenset()
    assert (claimed.job.state, claimed.job.worker_id) == (JobState.RUNNING, "worker")
    assert claimed.job.started_at is not None
    assert studio.claim() is None


def test_a_worker_claims_no_more_than_asked(studio: Studio) -> None:
    for _ in range(3):
        studio.submit()
    assert studio.claim(limit=2)
    assert studio.claim(limit=2)
    assert studio.claim(limit=2) is None


def test_a_worker_claims_only_what_it_can_load(studio: Studio) -> None:
    studio.submit(model="other")
    assert studio.claim() is None
    assert studio.claim(models=("starter", "other"))


def test_an_unreadable_request_fails_and_lets_the_next_one_pass(studio: Studio) -> None:
    unreadable, next_one = studio.submit(member=1), studio.submit(member=2)
    studio.make_unreadable(unreadable.id)
    assert studio.take().job.id == next_one.id
    failed = studio.job(unreadable.id)
    assert (failed.state, failed.readable) == (JobState.FAILED, False)
    assert failed.error is not None
    assert studio.balance(1) == 1000
    assert studio.deliveries(failed.id) == [DeliveryState.DUE]


def test_an_unregistered_worker_is_told(studio: Studio) -> None:
    with pytest.raises(UnknownWorker, match="stranger is not registered"):
        studio.claim("stranger")


def test_members_take_turns_whatever_one_of_them_submits(studio: Studio) -> None:
    for _ in range(5):
        studio.submit(member=1)
    for member in (2, 3):
        studio.submit(member=member)
        studio.submit(member=member)
    served = [studio.take().job.member_id for _ in range(9)]
    assert served == [1, 2, 3, 1, 2, 3, 1, 1, 1]


def test_turns_go_by_price(studio: Studio) -> None:
    for _ in range(3):
        studio.submit(member=1, count=4)
        studio.submit(member=2, count=1)
    served = [studio.take().job.member_id for _ in range(6)]
    assert served == [1, 2, 2, 2, 1, 1]


def test_a_newcomer_goes_next_and_gains_nothing_by_having_been_idle(studio: Studio) -> None:
    for _ in range(20):
        studio.submit(member=1)
    for _ in range(10):
        studio.take()
    for _ in range(3):
        studio.submit(member=2)
    served = [studio.take().job.member_id for _ in range(6)]
    assert sorted(served[:2]) == [1, 2]
    assert served.count(2) == 3


def test_a_job_that_started_before_its_turn_moves_no_newcomer_back(studio: Studio) -> None:
    for _ in range(10):
        studio.submit(member=1)
    studio.submit(member=1, model="other")
    studio.take(models=("other",))
    studio.worker()
    studio.submit(member=2)
    assert 2 in [studio.take().job.member_id for _ in range(2)]


def test_a_job_that_nobody_can_run_gives_newcomers_no_advantage(studio: Studio) -> None:
    studio.submit(member=3, model="gone")
    for _ in range(20):
        studio.submit(member=1)
    for _ in range(10):
        studio.take()
    for _ in range(5):
        studio.submit(member=2)
    served = [studio.take().job.member_id for _ in range(6)]
    assert served.count(2) == 3


def test_cancelled_jobs_cost_no_turn(studio: Studio) -> None:
    for _ in range(10):
        job = studio.submit(member=1)
        with studio.database.begin() as session:
            jobs.request_cancel(session, job.id)
    studio.submit(member=1, age_s=1)
    studio.submit(member=2)
    assert studio.take().job.member_id == 1


def test_the_resident_model_goes_first_among_equals(studio: Studio) -> None:
    studio.submit(member=1, model="cold", age_s=2)
    studio.submit(member=2, model="warm", age_s=1)
    assert studio.take(models=("cold", "warm"), resident=("warm",)).job.request.model == "warm"


def test_who_waited_a_minute_goes_before_the_resident_model(studio: Studio) -> None:
    studio.submit(member=1, model="cold", age_s=STARVATION_S + 1)
    studio.submit(member=2, model="warm")
    assert studio.take(models=("cold", "warm"), resident=("warm",)).job.request.model == "cold"


def test_a_flood_of_old_jobs_does_not_starve_others(studio: Studio) -> None:
    for _ in range(10):
        studio.submit(member=1, age_s=500)
    studio.submit(member=2, age_s=100)
    assert [studio.take().job.member_id for _ in range(3)] == [1, 2, 1]


def test_eight_claimers_never_share_a_job(studio: Studio) -> None:
    for index in range(40):
        studio.submit(member=index % 4)
    names = [studio.worker(f"worker{number}") for number in range(8)]

    def drain(name: str) -> list[str]:
        mine: list[str] = []
        while claimed := studio.claim(name):
            mine.append(claimed.job.id)
        return mine

    with ThreadPoolExecutor(8) as pool:
        taken = [job for mine in pool.map(drain, names) for job in mine]
    assert len(taken) == len(set(taken)) == 40


def test_a_late_worker_writes_nothing(studio: Studio) -> None:
    job = studio.submit(count=2)
    late = studio.take().claim
    studio.image(late)
    studio.lose(job.id)
    with studio.database.begin() as session:
        assert keeping.expire_leases(session) == [job.id]
    again = studio.take()
    assert again.claim == Claim(job.id, 2)
    assert again.done_images == {0}
    with studio.database.begin() as session:
        assert claims.renew(session, [late, again.claim], LEASE_S).alive == {again.claim}
        assert not claims.progress(session, late, 1, 10)
        assert not claims.finish(session, late)
        assert not claims.fail(session, late, "no")
        assert claims.retry(session, late, "no", counts=True) is None
        assert not claims.release(session, late)
    assert not studio.image(late, index=1)
    assert studio.image(again.claim, index=1)
    assert studio.finish(again.claim)
    assert studio.balance() == 1000 - 2 * IMAGE_PRICE


def test_an_image_is_settled_once(studio: Studio) -> None:
    job = studio.submit(count=2)
    claim = studio.take().claim
    assert studio.image(claim)
    assert studio.image(claim)
    assert studio.image(claim, kind=ImageKind.GRID)
    assert studio.job(job.id).images_done == 1


def test_finishing_refunds_what_is_missing_and_owes_a_delivery(studio: Studio) -> None:
    job = studio.submit(count=4)
    claim = studio.take().claim
    studio.image(claim, index=2)
    with studio.database.begin() as session:
        assert claims.finish(session, claim, note="3 pictures were withheld.")
    assert not studio.finish(claim)
    ended = studio.job(job.id)
    assert (ended.state, ended.charged, ended.error) == (
        JobState.DONE,
        IMAGE_PRICE,
        "3 pictures were withheld.",
    )
    assert studio.balance() == 1000 - IMAGE_PRICE
    assert studio.deliveries(job.id) == [DeliveryState.DUE]


def test_failing_refunds_and_tells(studio: Studio) -> None:
    job = studio.submit()
    with studio.database.begin() as session:
        assert claims.fail(session, _claim(studio), "This adapter is for another model.")
    assert studio.job(job.id).error == "This adapter is for another model."
    assert studio.balance() == 1000


def test_three_counted_errors_are_the_end(studio: Studio) -> None:
    job = studio.submit()
    ends = []
    for _ in range(3):
        with studio.database.begin() as session:
            ends.append(claims.retry(session, _claim(studio), "It broke.", counts=True))
    assert ends == [JobState.QUEUED, JobState.QUEUED, JobState.DEAD]
    dead = studio.job(job.id)
    assert (dead.state, dead.error, dead.counted_attempts, dead.losses) == (
        JobState.DEAD,
        "It broke.",
        3,
        0,
    )
    assert studio.balance() == 1000


def test_trouble_from_outside_never_counts(studio: Studio) -> None:
    job = studio.submit()
    for _ in range(5):
        with studio.database.begin() as session:
            assert claims.retry(session, _claim(studio), "Storage is down.", counts=False) == JobState.QUEUED
        with studio.database.begin() as session:
            assert claims.release(session, _claim(studio))
    assert studio.job(job.id).counted_attempts == 0


def test_a_retry_can_wait(studio: Studio) -> None:
    job = studio.submit()
    with studio.database.begin() as session:
        claims.retry(session, _claim(studio), "Storage is down.", counts=False, delay_s=60.0)
    assert studio.claim() is None
    studio.move(job.id, available_at=-61.0)
    assert studio.claim()


def test_a_retry_of_a_cancelled_job_ends_it(studio: Studio) -> None:
    job = studio.submit()
    claim = _claim(studio)
    with studio.database.begin() as session:
        jobs.request_cancel(session, job.id)
        assert claims.retry(session, claim, "It broke.", counts=True) == JobState.CANCELLED


def test_progress_is_seen_once_it_moves(studio: Studio) -> None:
    job = studio.submit()
    claim = _claim(studio)
    before = studio.job(job.id)
    with studio.database.begin() as session:
        assert claims.progress(session, claim, 3, 5)
    after = studio.job(job.id)
    assert (after.step, after.total_steps) == (3, 5)
    assert after.progress_version > before.progress_version


def test_an_exact_rerun_gets_the_recipes(studio: Studio) -> None:
    first = studio.submit(count=2)
    claim = _claim(studio)
    studio.image(claim, index=0)
    studio.image(claim, index=1)
    studio.finish(claim)
    with studio.database.begin() as session:
        source = jobs.get_job(session, first.id)
        assert source is not None
        submitting.submit(
            session,
            submitting.NewJob(
                account_id=source.account_id,
                member_id=1,
                guild_id=None,
                channel_id=1,
                interaction_id=999,
                request=source.request,
                image_price=IMAGE_PRICE,
                parent_id=first.id,
                replay_of=first.id,
            ),
        )
    assert studio.take().replays == {0: {"seed": 0}, 1: {"seed": 1}}


def _claim(studio: Studio) -> Claim:
    return studio.take().claim
