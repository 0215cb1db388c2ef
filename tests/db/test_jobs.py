"""Submitting, looking at, cancelling and deleting jobs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import NotEnoughCredits, NotFound
from core.jobs import ImageKind, JobState
from db import accounts, claims, jobs
from db.engine import Database
from db.ids import new_job_id, read_job_id
from db.tables import DeliveryState, JobRow
from tests.db.studio import GUILD, IMAGE_PRICE, Studio, request


def test_a_submitted_job_is_queued_and_paid_for(studio: Studio) -> None:
    job = studio.submit(count=2)
    assert (job.state, job.created, job.price) == (JobState.QUEUED, True, 2 * IMAGE_PRICE)
    assert studio.job(job.id).request == request(count=2)
    assert studio.balance() == 1000 - 2 * IMAGE_PRICE


def test_a_replayed_interaction_finds_its_job(studio: Studio) -> None:
    first = studio.submit(interaction=77)
    again = studio.submit(interaction=77)
    assert (again.id, first.created, again.created) == (first.id, True, False)
    assert studio.balance() == 1000 - IMAGE_PRICE


def test_too_few_credits_leave_no_job(database: Database) -> None:
    studio = Studio(database, credits=IMAGE_PRICE - 1)
    with pytest.raises(NotEnoughCredits, match=f"costs {IMAGE_PRICE} credits and you have {IMAGE_PRICE - 1}"):
        studio.submit()
    with database.read() as session:
        assert jobs.jobs_of(session, member_id=1) == []
    studio.check()


def test_twenty_submits_at_once_never_overspend(database: Database) -> None:
    studio = Studio(database, credits=7 * IMAGE_PRICE + 1)
    studio.account(1)

    def submit(_: int) -> bool:
        try:
            return studio.submit().created
        except NotEnoughCredits:
            return False

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(submit, range(20))) == 7
    assert studio.balance() == 1
    studio.check()


def test_ten_replays_at_once_make_one_job(studio: Studio) -> None:
    studio.account(1)
    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(lambda _: studio.submit(interaction=5), range(10)))
    assert len({job.id for job in made}) == 1
    assert sum(job.created for job in made) == 1
    assert studio.balance() == 1000 - IMAGE_PRICE


def test_an_account_is_made_once_with_its_grant(database: Database) -> None:
    studio = Studio(database, credits=50)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: studio.account(1), range(8)))) == 1
    assert studio.balance() == 50
    studio.check()


def test_direct_messages_have_an_account_of_their_own(database: Database) -> None:
    with database.begin() as session:
        direct = accounts.account_for(session, None, 1, 5)
        assert direct.guild_id == accounts.DIRECT_MESSAGES
        assert direct.id != accounts.account_for(session, GUILD, 1, 5).id
        assert direct == accounts.account_for(session, None, 1, 5)


def test_cancelling_in_the_queue_gives_everything_back(studio: Studio) -> None:
    job = studio.submit(count=3)
    with studio.database.begin() as session:
        assert jobs.request_cancel(session, job.id) == JobState.CANCELLED
        assert jobs.request_cancel(session, job.id) == JobState.CANCELLED
    assert studio.balance() == 1000
    assert studio.claim() is None
    assert studio.deliveries(job.id) == [DeliveryState.DUE]


def test_cancelling_a_running_job_keeps_what_is_finished(studio: Studio) -> None:
    job = studio.submit(count=3)
    claim = studio.take().claim
    studio.image(claim)
    with studio.database.begin() as session:
        assert jobs.request_cancel(session, job.id) == JobState.RUNNING
        assert claims.renew(session, [claim], 10.0).cancelled == {claim}
        assert claims.cancel_done(session, claim)
        assert not claims.cancel_done(session, claim)
    assert studio.balance() == 1000 - IMAGE_PRICE
    assert studio.job(job.id).state == JobState.CANCELLED


def test_a_job_that_never_was_cannot_be_cancelled(studio: Studio) -> None:
    with studio.database.begin() as session:
        assert jobs.request_cancel(session, "NOSUCHJOB") is None
        assert jobs.delete_job(session, "NOSUCHJOB") == []


def test_deleting_a_finished_job_erases_it_but_not_its_cost(studio: Studio) -> None:
    job = studio.submit()
    claim = studio.take().claim
    studio.image(claim)
    studio.image(claim, kind=ImageKind.GRID)
    studio.finish(claim)
    with studio.database.begin() as session:
        keys = jobs.delete_job(session, job.id)
        assert sorted(keys) == [f"jobs/{job.id}/grid-0.png", f"jobs/{job.id}/result-0.png"]
        assert jobs.get_job(session, job.id) is None
        assert jobs.jobs_of(session, member_id=1) == []
        assert jobs.delete_job(session, job.id) == []
    # Its interaction, replayed, finds what is left of it: the order without its words.
    again = studio.submit(interaction=job.interaction_id)
    assert (again.id, again.created) == (job.id, False)
    assert again.request == job.request.without_words()
    assert job.request.text.prompt and not again.request.text.prompt
    assert studio.balance() == 1000 - IMAGE_PRICE
    assert studio.deliveries(job.id) == [DeliveryState.UNDELIVERABLE]


def test_deleting_a_running_job_discards_its_result(studio: Studio) -> None:
    job = studio.submit(count=2)
    claim = studio.take().claim
    studio.image(claim)
    with studio.database.begin() as session:
        assert len(jobs.delete_job(session, job.id)) == 1
        assert claims.renew(session, [claim], 10.0).cancelled == {claim}
    assert not studio.image(claim, index=1)
    with studio.database.begin() as session:
        assert claims.cancel_done(session, claim)
    assert studio.deliveries(job.id) == []
    assert studio.balance() == 1000 - IMAGE_PRICE


def test_a_members_jobs_are_newest_first(studio: Studio) -> None:
    made = [studio.submit(age_s=100.0 - age).id for age in range(5)]
    studio.submit(member=2)
    with studio.database.begin() as session:
        jobs.request_cancel(session, made[0])
    with studio.database.read() as session:
        assert [job.id for job in jobs.jobs_of(session, member_id=1)] == made[::-1]
        assert [job.id for job in jobs.jobs_of(session, member_id=1, limit=2)] == made[:2:-1]
        assert [job.id for job in jobs.jobs_of(session, member_id=1, active=True)] == made[:0:-1]


def test_a_job_with_an_unreadable_request_is_listed_and_can_be_deleted(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    made = [studio.submit().id for _ in range(2)]
    studio.make_unreadable(made[0])
    with studio.database.begin() as session:
        assert sorted(job.id for job in jobs.jobs_of(session, member_id=1)) == sorted(made)
        jobs.delete_job(session, made[0])
        assert session.get_one(JobRow, made[0]).request["typed_prompt"] == ""
        assert jobs.get_job(session, made[0]) is None
    assert made[0] in caplog.text and "fox" not in caplog.text


def test_secrets_and_prompts_stay_out_of_repr(studio: Studio) -> None:
    job = studio.submit()
    with studio.database.begin() as session:
        jobs.set_placeholder(session, job.id, channel_id=1, message_id=2, interaction_token="s3cret")
    stored = studio.job(job.id)
    assert (stored.channel_id, stored.placeholder_message_id, stored.interaction_token) == (1, 2, "s3cret")
    assert "s3cret" not in repr(stored)
    assert "fox" not in repr(stored)


def test_ids_can_be_typed_by_people() -> None:
    job_id = new_job_id()
    assert len(job_id) == 10
    assert read_job_id(f" {job_id[:5].lower()}-{job_id[5:].lower()} ") == job_id
    assert read_job_id("oil") == "011"
    for none in ("", "\x00", "7ZK\ud800", "7ZK%", "٣٤٥"):
        with pytest.raises(NotFound):
            read_job_id(none)
