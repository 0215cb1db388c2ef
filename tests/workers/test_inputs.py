"""Pictures that members gave reach the engine, or their job ends clearly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PIL import Image

from core.errors import StorageError
from core.inputs import input_key, keep_input
from core.jobs import JobState
from core.storage import DirectoryStorage
from db.inputs import HeldInput, hold_input
from db.jobs import delete_job
from tests.db.studio import Studio
from tests.workers.workplace import Workplace, wait_for
from workers.sweep import sweep

RED, BLUE = (Image.new("RGB", (24, 16), colour) for colour in ("red", "blue"))


def test_the_engine_gets_the_pictures_that_the_request_names(workplace: Workplace) -> None:
    given = keep_input(workplace.storage, RED)
    job = workplace.studio.submit(image=given.sha256, count=2)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    assert workplace.studio.job(job.id).state is JobState.DONE
    for task in workplace.engine.tasks:
        assert list(task.inputs) == [given.sha256]
        assert task.inputs[given.sha256].tobytes() == RED.tobytes()


def test_a_missing_picture_fails_the_job_at_once_and_refunds_it(workplace: Workplace) -> None:
    job = workplace.studio.submit(image="0" * 64)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    ended = workplace.studio.job(job.id)
    assert (ended.state, ended.attempt) == (JobState.FAILED, 1)
    assert "is gone" in (ended.error or "") and workplace.studio.balance() == 1000
    assert workplace.engine.tasks == []


def test_a_picture_that_was_changed_counts_as_missing(workplace: Workplace) -> None:
    given, other = keep_input(workplace.storage, RED), keep_input(workplace.storage, BLUE)
    changed = workplace.storage.get(input_key(other.sha256))
    workplace.storage.put(input_key(given.sha256), changed, "image/png")
    job = workplace.studio.submit(image=given.sha256)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    assert workplace.studio.job(job.id).state is JobState.FAILED


def test_a_store_that_fails_for_a_while_delays_the_job(workplace: Workplace) -> None:
    given = keep_input(workplace.storage, RED)
    failures = iter([StorageError("down")] * 3)

    def get(key: str) -> bytes:
        for failure in failures:
            raise failure
        return storage.get(key)

    storage = workplace.storage._storage
    workplace.storage.get = get  # type: ignore[attr-defined]
    job = workplace.studio.submit(image=given.sha256)
    workplace.runner.ring()
    wait_for(lambda: workplace.studio.job(job.id).state is JobState.RUNNING)
    later = workplace.studio.submit()
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    workplace.wait_for_end(later.id)
    assert workplace.studio.job(job.id).state is JobState.DONE


def test_deleting_a_job_erases_its_picture_once_nobody_needs_it(
    studio: Studio, storage: DirectoryStorage
) -> None:
    given, held = keep_input(storage, RED), keep_input(storage, BLUE)
    first, second = (studio.submit(image=given.sha256) for _ in range(2))
    third = studio.submit(image=held.sha256)
    with studio.database.begin() as session:
        hold_input(session, 1, HeldInput(picture=held, age_restricted=False))
        assert delete_job(session, first.id) == [] == delete_job(session, third.id)
        assert delete_job(session, second.id) == [input_key(given.sha256)]


def test_the_sweep_takes_old_pictures_that_nobody_needs(studio: Studio, storage: DirectoryStorage) -> None:
    used, unused = keep_input(storage, RED), keep_input(storage, BLUE)
    studio.submit(image=used.sha256)
    assert sweep(studio.database, storage) == 0
    assert sweep(studio.database, storage, now=datetime.now(UTC) + timedelta(days=2)) == 1
    assert storage.exists(input_key(used.sha256)) and not storage.exists(input_key(unused.sha256))
