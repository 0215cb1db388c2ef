"""What bots may take, and what they may still write about it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import update

from core.jobs import ImageKind
from db import claims, deliveries, jobs
from db.deliveries import DeliveryClaim, DueDelivery
from db.tables import DeliveryRow, DeliveryState
from tests.db.studio import Studio


def _finished(studio: Studio) -> str:
    job = studio.submit()
    claim = studio.take().claim
    studio.image(claim)
    studio.image(claim, kind=ImageKind.GRID)
    studio.finish(claim)
    return job.id


def _claim(studio: Studio, bot: str = "bot", limit: int = 10) -> list[DueDelivery]:
    with studio.database.begin() as session:
        return deliveries.claim_deliveries(session, bot, lease_s=30.0, limit=limit)


def _move(studio: Studio, **seconds: float) -> None:
    values = {name: getattr(DeliveryRow, name) + shift for name, shift in seconds.items()}
    with studio.database.begin() as session:
        session.execute(update(DeliveryRow).values(values))


def test_a_result_comes_with_its_pictures(studio: Studio) -> None:
    job_id = _finished(studio)
    (due,) = _claim(studio)
    assert due.job.id == job_id
    assert [image.kind for image in due.images] == [ImageKind.GRID, ImageKind.RESULT]
    assert 0 <= due.age_s < 60
    assert _claim(studio) == []


def test_an_unreadable_request_holds_up_no_delivery_and_no_progress(studio: Studio) -> None:
    made = [_finished(studio), _finished(studio)]
    studio.make_unreadable(made[0])
    running = studio.submit()
    studio.take()
    studio.make_unreadable(running.id)
    assert [(due.job.id, due.job.readable) for due in _claim(studio)] == [(made[0], False), (made[1], True)]
    with studio.database.read() as session:
        assert [moved.job.id for moved in deliveries.progress_since(session, {})] == [running.id]


def test_a_renewed_claim_is_not_taken_over_and_a_stale_one_renews_nothing(studio: Studio) -> None:
    _finished(studio)
    (mine,) = _claim(studio, "slow")
    _move(studio, lease_until=-60)
    with studio.database.begin() as session:
        deliveries.renew_deliveries(session, [mine.claim], 30.0)
    assert _claim(studio, "other") == []
    _move(studio, lease_until=-60)
    (theirs,) = _claim(studio, "other")
    _move(studio, lease_until=-60)
    with studio.database.begin() as session:
        deliveries.renew_deliveries(session, [mine.claim], 30.0)
    assert [due.claim.attempt for due in _claim(studio)] == [theirs.claim.attempt + 1]


def test_a_delivered_result_is_delivered_once(studio: Studio) -> None:
    job_id = _finished(studio)
    (due,) = _claim(studio)
    with studio.database.begin() as session:
        assert deliveries.delivered(session, due.claim, 55)
        assert not deliveries.delivered(session, due.claim, 56)
        assert not deliveries.undeliverable(session, due.claim, "gone")
    assert studio.deliveries(job_id) == [DeliveryState.DELIVERED]
    assert _claim(studio) == []


def test_a_bot_that_died_is_relieved_and_fenced(studio: Studio) -> None:
    _finished(studio)
    (first,) = _claim(studio, "dead bot")
    _move(studio, lease_until=-100.0)
    (second,) = _claim(studio)
    assert second.claim == DeliveryClaim(first.claim.delivery_id, first.claim.attempt + 1)
    with studio.database.begin() as session:
        assert not deliveries.delivered(session, first.claim, 55)
        assert deliveries.delivered(session, second.claim, 55)


def test_a_deferred_delivery_comes_back_later(studio: Studio) -> None:
    _finished(studio)
    (due,) = _claim(studio)
    with studio.database.begin() as session:
        assert deliveries.defer_delivery(session, due.claim, 60.0, "Discord answered 500")
    assert _claim(studio) == []
    _move(studio, due_at=-61.0)
    assert len(_claim(studio)) == 1


def test_an_undeliverable_result_is_left_alone(studio: Studio) -> None:
    job_id = _finished(studio)
    (due,) = _claim(studio)
    with studio.database.begin() as session:
        assert deliveries.undeliverable(session, due.claim, "the channel is gone")
    assert _claim(studio) == []
    assert studio.deliveries(job_id) == [DeliveryState.UNDELIVERABLE]


def test_deleting_while_a_bot_delivers_stops_it(studio: Studio) -> None:
    job_id = _finished(studio)
    (due,) = _claim(studio)
    with studio.database.begin() as session:
        jobs.delete_job(session, job_id)
        assert not deliveries.delivered(session, due.claim, 55)


def test_four_bots_never_share_a_delivery(studio: Studio) -> None:
    made = {_finished(studio) for _ in range(12)}

    def drain(bot: str) -> list[str]:
        mine: list[str] = []
        while taken := _claim(studio, bot, limit=2):
            mine += [due.job.id for due in taken]
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [job for mine in pool.map(drain, "abcd") for job in mine]
    assert len(taken) == 12
    assert set(taken) == made


def test_progress_shows_running_jobs_that_moved(studio: Studio) -> None:
    job = studio.submit()
    studio.submit(member=2)
    claim = studio.take().claim
    with studio.database.begin() as session:
        (moved,) = deliveries.progress_since(session, {})
        assert (moved.job.id, moved.job.step) == (job.id, 0)
        seen = {moved.job.id: moved.version}
        assert deliveries.progress_since(session, seen) == []
        claims.progress(session, claim, 2, 5)
        (moved,) = deliveries.progress_since(session, seen)
        assert (moved.job.step, moved.job.total_steps) == (2, 5)
