"""A job whose claim, process, storage or database gives way under it: made once, charged once."""

from __future__ import annotations

import io
import threading
import time
from concurrent import futures

from PIL import Image
from sqlalchemy import update

from core.jobs import JobState
from core.storage import DirectoryStorage, grid_key, image_key
from db import claims, jobs
from db.claiming import claim_next
from db.keeping import expire_leases
from db.tables import JobRow
from models.engine.api import EngineClosed, ImageFailed, ImageTask
from tests.db.studio import IMAGE_PRICE, Studio
from tests.workers.workplace import WORKER, Workplace, wait_for
from workers.running import Stop


def test_an_image_that_fails_three_times_is_given_up_and_its_companion_kept(workplace: Workplace) -> None:
    workplace.engine.error = lambda task: ImageFailed("It could not be made.") if task.index == 1 else None
    job = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    done = workplace.studio.job(job.id)
    assert (done.state, done.attempt, done.images_done) == (JobState.DEAD, 3, 1)
    assert done.error == "It could not be made."
    # The image that was made is not made again.
    assert [task.index for task in workplace.engine.tasks].count(0) == 1
    assert workplace.studio.balance() == 1000 - IMAGE_PRICE


def test_pictures_of_an_earlier_attempt_are_in_the_grid(workplace: Workplace) -> None:
    failures = iter([ImageFailed("once")])
    workplace.engine.error = lambda task: next(failures, None) if task.index == 1 else None
    job = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    done = workplace.studio.job(job.id)
    assert (done.state, done.attempt, done.images_done) == (JobState.DONE, 2, 2)
    grid = Image.open(io.BytesIO(workplace.storage.get(grid_key(job.id))))
    assert grid.width > 2 * 64


def test_a_lost_claim_drops_everything(workplace: Workplace) -> None:
    workplace.engine.gate.clear()
    job = workplace.studio.submit(count=2)
    workplace.runner.ring()
    wait_for(lambda: workplace.studio.job(job.id).state is JobState.RUNNING)
    workplace.studio.worker("other")
    with workplace.database.begin() as session:
        # In one transaction, or this worker would renew it, or take it again, in between.
        session.execute(update(JobRow).values(lease_until=0.0))
        assert expire_leases(session) == [job.id]
        other = claim_next(session, "other", lease_s=60.0, limit=1)
    assert other is not None
    assert other.job.id == job.id
    wait_for(lambda: not workplace.runner.running())
    workplace.engine.gate.set()
    assert workplace.studio.job(job.id).images_done == 0
    assert not workplace.storage.exists(image_key(job.id, 0))
    assert workplace.deliveries() == []
    for index in range(2):
        workplace.studio.image(other.claim, index)
    assert workplace.studio.finish(other.claim)


def test_a_process_that_slept_past_its_lease_writes_nothing(
    studio: Studio, storage: DirectoryStorage
) -> None:
    """As after SIGSTOP: its threads run again before any of them could notice."""
    workplace = Workplace(studio, storage, lease_s=0.2)
    studio.worker(WORKER)
    workplace.engine.gate.clear()
    job = studio.submit()
    # Without the side thread nobody renews.
    workplace.runner.start()
    wait_for(lambda: workplace.engine.tasks)
    time.sleep(0.3)
    workplace.engine.gate.set()
    wait_for(lambda: not workplace.runner.running())
    assert not storage.exists(image_key(job.id, 0))
    assert studio.job(job.id).images_done == 0
    workplace.runner.close(grace_s=1.0)


def test_storage_that_fails_after_writing_is_tried_again(workplace: Workplace) -> None:
    workplace.storage.failures = 2
    job = workplace.studio.submit()
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    done = workplace.studio.job(job.id)
    assert (done.state, done.attempt) == (JobState.DONE, 1)
    assert workplace.storage.failures == 0


def test_a_database_that_fails_after_each_commit_charges_once(workplace: Workplace) -> None:
    workplace.engine.gate.clear()
    job = workplace.studio.submit(count=2)
    workplace.runner.ring()
    wait_for(lambda: workplace.studio.job(job.id).state is JobState.RUNNING)
    workplace.database.failures = 3
    workplace.engine.gate.set()
    workplace.wait_for_end(job.id)
    assert workplace.database.failures == 0
    assert workplace.studio.job(job.id).state is JobState.DONE
    assert workplace.studio.balance() == 1000 - 2 * IMAGE_PRICE


def test_a_job_deleted_while_it_runs_leaves_no_object(workplace: Workplace) -> None:
    workplace.engine.gate.clear()
    job = workplace.studio.submit()
    workplace.runner.ring()
    wait_for(lambda: workplace.studio.job(job.id).state is JobState.RUNNING)
    with workplace.database.begin() as session:
        jobs.delete_job(session, job.id)
    workplace.engine.gate.set()
    wait_for(lambda: not workplace.runner.running())
    assert list(workplace.storage.keys("jobs/")) == []
    assert workplace.studio.balance() == 1000


def test_what_the_grace_does_not_suffice_for_goes_back_uncounted(workplace: Workplace) -> None:
    workplace.engine.gate.clear()
    job = workplace.studio.submit()
    workplace.runner.ring()
    wait_for(lambda: workplace.studio.job(job.id).state is JobState.RUNNING)
    workplace.runner.close(grace_s=0.1)
    back = workplace.studio.job(job.id)
    assert (back.state, back.suspect, back.losses, back.counted_attempts) == (JobState.QUEUED, False, 0, 0)
    assert workplace.studio.balance() == 1000 - IMAGE_PRICE


def test_an_image_that_is_ready_only_after_the_release_is_made_again(workplace: Workplace) -> None:
    """The worker is told to stop while it stores the first image, and the second gets ready meanwhile."""
    storing = threading.Event()
    put = workplace.storage.put

    def release_while_storing(key: str, data: bytes, content_type: str) -> None:
        if not storing.is_set():
            storing.set()
            futures.wait(workplace.engine.futures)
            for running in workplace.runner.running():
                running.stop(Stop.RELEASED)
        put(key, data, content_type)

    def second_comes_late(task: ImageTask) -> None:
        assert task.index == 0 or storing.wait(10)

    workplace.storage.put = release_while_storing  # type: ignore[method-assign]
    workplace.engine.error = second_comes_late
    job = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    done = workplace.studio.job(job.id)
    assert (done.state, done.images_done, done.counted_attempts) == (JobState.DONE, 2, 0)
    assert workplace.studio.balance() == 1000 - 2 * IMAGE_PRICE


def test_an_engine_that_stopped_gives_its_jobs_back_and_ends_the_process(workplace: Workplace) -> None:
    answers = iter([EngineClosed("The engine is closed.")])
    workplace.engine.error = lambda _task: next(answers, None)
    job = workplace.studio.submit()
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    done = workplace.studio.job(job.id)
    assert (done.state, done.attempt, done.counted_attempts) == (JobState.DONE, 2, 0)
    assert workplace.engine_stops == 1


def test_a_worker_takes_up_what_its_dead_predecessor_had(studio: Studio, storage: DirectoryStorage) -> None:
    studio.worker(WORKER)
    job = studio.submit()
    stale = studio.take(WORKER)
    workplace = Workplace(studio, storage)
    with workplace.working():
        workplace.runner.ring()
        workplace.wait_for_end(job.id)
    done = studio.job(job.id)
    assert (done.state, done.attempt, done.losses, done.suspect) == (JobState.DONE, 2, 1, True)
    assert not studio.finish(stale.claim)
    with studio.database.begin() as session:
        assert claims.retry(session, stale.claim, "late", counts=True) is None
