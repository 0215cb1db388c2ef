"""What a worker makes of a claimed job, with a real database and real files around a stub engine."""

from __future__ import annotations

import io

from PIL import Image

from core.jobs import ImageKind, JobState
from core.request import Axis
from core.storage import grid_key, image_key, map_key, preview_key
from db import jobs
from db.images import images_of
from models.engine.api import DrawnMap, ImageBlocked
from tests.db.studio import IMAGE_PRICE
from tests.recipes import recipe_of
from tests.workers.workplace import Workplace, wait_for


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
    recipe = recipe_of(workplace.storage.get(image_key(job.id, 2)))
    assert recipe is not None
    assert recipe.image_index == 2
    assert workplace.deliveries() == [job.id]
    assert workplace.studio.deliveries(job.id) == ["due"]
    assert workplace.studio.balance() == 1000 - 3 * IMAGE_PRICE


def test_the_images_of_a_job_share_what_is_drawn_on_the_way(workplace: Workplace) -> None:
    for member in (1, 2):
        job = workplace.studio.submit(count=2, member=member)
        workplace.runner.ring()
        workplace.wait_for_end(job.id)
    shared = [id(task.drawn) for task in workplace.engine.tasks]
    assert shared == [shared[0]] * 2 + [shared[2]] * 2
    assert shared[0] != shared[2]


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
    recipe = recipe_of(workplace.storage.get(image_key(job.id, 5)))
    assert recipe is not None and recipe.request.denoise.guidance_scale == 8
    assert workplace.storage.exists(grid_key(job.id))
