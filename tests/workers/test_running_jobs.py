"""What a worker makes of a claimed job, with a real database and real files around a stub engine."""

from __future__ import annotations

import io
import threading
import time
from concurrent import futures
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import update

from core.jobs import ImageKind, JobState
from core.png import read_recipe
from core.request import Axis
from core.storage import DirectoryStorage, grid_key, image_key, map_key, preview_key
from db import claims, jobs
from db.images import images_of
from db.jobs import Job
from db.keeping import expire_leases
from db.tables import ImageRow, JobRow
from models.engine.api import DrawnMap, EngineClosed, ImageBlocked, ImageFailed, ImageTask
from tests.db.studio import IMAGE_PRICE, Studio
from tests.workers.stub_engine import FINGERPRINT
from tests.workers.workplace import WORKER, Workplace, wait_for
from workers.running import Stop


def test_a_job_becomes_pictures_a_grid_and_a_delivery(workplace: Workplace) -> None:
    job = workplace.studio.submit(count=3)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    done = workplace.studio.job(job.id)
    assert (done.state, done.images_done, done.step) == (JobState.DONE, 3, done.total_steps)
    with workplace.database.read() as session:
        pictures = images_of(session, job.id, kind=None)
    assert [(picture.kind, picture.index) for picture in pictures] == [
        (ImageKind.GRID, 0),
        *((ImageKind.RESULT, index) for index in range(3)),
    ]
    for picture in pictures:
        data = workplace.storage.get(picture.key)
        assert len(data) == picture.bytes
        assert Image.open(io.BytesIO(data)).size == (picture.width, picture.height)
    recipe = read_recipe(workplace.storage.get(image_key(job.id, 2)))
    assert recipe is not None
    assert recipe.image_index == 2
    assert workplace.deliveries() == [job.id]
    assert workplace.studio.deliveries(job.id) == ["due"]
    assert workplace.studio.balance() == 1000 - 3 * IMAGE_PRICE


def test_maps_are_kept_once_and_cost_nothing(workplace: Workplace) -> None:
    drawn = Image.new("L", (32, 24), 255)
    workplace.engine.maps = (DrawnMap(kind="canny", image=drawn), DrawnMap(kind="mask", image=drawn))
    job = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    with workplace.database.read() as session:
        maps = images_of(session, job.id, ImageKind.MAP)
    assert [(one.index, one.key) for one in maps] == [(0, map_key(job.id, 0)), (1, map_key(job.id, 1))]
    with Image.open(io.BytesIO(workplace.storage.get(maps[0].key))) as stored:
        assert (stored.size, stored.mode) == ((32, 24), "L")
    done = workplace.studio.job(job.id)
    assert (done.state, done.images_done) == (JobState.DONE, 2)
    assert workplace.studio.balance() == 1000 - 2 * IMAGE_PRICE


def test_a_single_image_has_no_grid(workplace: Workplace) -> None:
    job = workplace.studio.submit()
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    assert not workplace.storage.exists(grid_key(job.id))


def test_one_ring_drains_the_queue_and_ten_rings_change_nothing(workplace: Workplace) -> None:
    submitted = [workplace.studio.submit(member=number % 3) for number in range(20)]
    for _ in range(10):
        workplace.runner.ring()
    for job in submitted:
        workplace.wait_for_end(job.id)
    assert {workplace.studio.job(job.id).attempt for job in submitted} == {1}
    assert sorted(workplace.deliveries()) == sorted(job.id for job in submitted)


def test_no_more_is_claimed_than_the_engine_has_room_for(workplace: Workplace) -> None:
    workplace.engine.room = 0
    job = workplace.studio.submit()
    workplace.runner.ring()
    workplace.runner.ring()
    assert workplace.studio.job(job.id).state is JobState.QUEUED
    workplace.engine.room = 1
    workplace.runner.ring()
    workplace.wait_for_end(job.id)


def test_progress_and_preview_are_told_while_it_runs(workplace: Workplace) -> None:
    workplace.engine.gate.clear()
    job = workplace.studio.submit(steps=8)
    workplace.runner.ring()
    wait_for(lambda: workplace.studio.job(job.id).step == 3)
    first = workplace.studio.job(job.id)
    assert first.first_step_at is not None
    assert [event.job_id for event in workplace.events] == [job.id]
    [running] = workplace.runner.running()
    running.on_progress(0, 4, lambda: Image.new("RGB", (32, 32)))
    wait_for(lambda: workplace.studio.job(job.id).step == 4)
    assert workplace.studio.job(job.id).progress_version > first.progress_version

    def preview_is_shown() -> bool:
        running.on_progress(0, 4, lambda: Image.new("RGB", (32, 32)))
        return workplace.storage.exists(preview_key(job.id))

    wait_for(preview_is_shown)
    workplace.engine.gate.set()
    workplace.wait_for_end(job.id)
    assert not workplace.storage.exists(preview_key(job.id))


def test_a_cancelled_job_stops_and_keeps_what_was_done(workplace: Workplace) -> None:
    workplace.engine.gate.clear()
    job = workplace.studio.submit(count=2)
    workplace.runner.ring()
    wait_for(lambda: workplace.studio.job(job.id).state is JobState.RUNNING)
    with workplace.database.begin() as session:
        assert jobs.request_cancel(session, job.id) is JobState.RUNNING
    workplace.wait_for_end(job.id)
    assert workplace.studio.job(job.id).state is JobState.CANCELLED
    assert workplace.studio.balance() == 1000


def test_a_withheld_image_is_refunded_and_the_member_told_why(workplace: Workplace) -> None:
    workplace.engine.error = lambda task: ImageBlocked("It looked unsafe.") if task.index == 1 else None
    job = workplace.studio.submit(count=3)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    done = workplace.studio.job(job.id)
    assert (done.state, done.images_done, done.error) == (JobState.DONE, 2, "It looked unsafe.")
    assert workplace.studio.balance() == 1000 - 2 * IMAGE_PRICE


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
        abilities = claims.Abilities(models=frozenset({"starter"}))
        other = claims.claim_next(session, "other", abilities, lease_s=60.0, limit=1)
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


def _rerun(workplace: Workplace, first: Job) -> Job:
    """An exact rerun of a job, made to its end."""
    new = jobs.NewJob(
        account_id=workplace.studio.account(1),
        member_id=1,
        guild_id=10,
        channel_id=20,
        interaction_id=999,
        request=first.request,
        image_price=IMAGE_PRICE,
        parent_id=first.id,
        replay_of=first.id,
    )
    with workplace.database.begin() as session:
        again = jobs.submit(session, new)
    workplace.runner.ring()
    workplace.wait_for_end(again.id)
    return workplace.studio.job(again.id)


def test_a_rerun_gets_the_recipes_of_the_original(workplace: Workplace) -> None:
    first = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(first.id)
    again = _rerun(workplace, first)
    replayed = [task.replay for task in workplace.engine.tasks[2:]]
    assert [recipe.image_index for recipe in replayed if recipe is not None] == [0, 1]
    assert workplace.storage.get(image_key(first.id, 1)) == workplace.storage.get(image_key(again.id, 1))
    assert again.error is None


def test_a_rerun_on_another_card_is_not_called_exact(workplace: Workplace) -> None:
    first = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(first.id)
    workplace.engine.fingerprint = replace(FINGERPRINT, hardware="another", torch="1")
    again = _rerun(workplace, first)
    assert (again.state, again.images_done) == (JobState.DONE, 2)
    assert again.error == "Near-exact: changed since the original: the hardware, torch."


@pytest.mark.parametrize("left", [None, {"version": 99}])
def test_a_rerun_without_a_recipe_says_so(workplace: Workplace, left: dict[str, int] | None) -> None:
    first = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(first.id)
    with workplace.database.begin() as session:
        session.execute(update(ImageRow).where(ImageRow.index == 0).values(recipe=left))
    again = _rerun(workplace, first)
    assert (again.state, again.attempt, again.images_done) == (JobState.DONE, 1, 2)
    assert again.error is not None
    assert again.error.startswith("Drawn anew")


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


def test_the_images_of_a_grid_are_orders_of_their_own(workplace: Workplace) -> None:
    axes = (Axis(name="guidance", values=("2", "8")), Axis(name="steps", values=("4", "6", "8")))
    job = workplace.studio.submit(count=6, axes=axes)
    assert job.total_steps == 36
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    done = workplace.studio.job(job.id)
    assert (done.state, done.images_done, done.step) == (JobState.DONE, 6, 36)
    tasks = workplace.engine.tasks
    assert [(task.index, task.request.count, task.request.denoise.steps) for task in tasks] == [
        (0, 1, steps) for steps in (4, 6, 8, 4, 6, 8)
    ]
    recipe = read_recipe(workplace.storage.get(image_key(job.id, 5)))
    assert recipe is not None and recipe.request.denoise.guidance_scale == 8
    assert workplace.storage.exists(grid_key(job.id))
