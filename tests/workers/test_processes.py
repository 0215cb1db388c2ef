"""Worker and keeper as real processes, killed, paused and cut off from Redis."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.events import Doorbell
from core.health import ask
from core.jobs import JobState
from core.request import Adapter
from core.settings import load_settings
from core.storage import DirectoryStorage
from db.engine import Database, open_database
from db.images import images_of
from db.jobs import Job
from db.workers import models_available
from tests.db.studio import IMAGE_PRICE, Studio
from tests.redis_server import OwnRedis
from tests.workers.processes import Processes
from tests.workers.workplace import wait_for

pytestmark = pytest.mark.slow

#: Enough for a look from outside while they run.
MANY_STEPS = 60


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from models.tiny import build_tiny_model

    folder = tmp_path_factory.mktemp("models")
    # Big enough that a picture takes a second and more on a fast machine too: they are looked at in mid-step.
    build_tiny_model(folder / "tiny", channels=(64, 128), latent_side=16)
    return folder


@pytest.fixture
def server() -> Iterator[OwnRedis]:
    server = OwnRedis()
    yield server
    server.close()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    database = open_database(postgres_url)
    yield database
    database.close()


Start = Callable[[Database], Processes]


@pytest.fixture
def start(server: OwnRedis, tiny_models: Path, tmp_path: Path) -> Iterator[Start]:
    started: list[Processes] = []

    def start(database: Database) -> Processes:
        started.append(Processes(Studio(database), server.url, tiny_models, tmp_path, lease_s=5.0))
        return started[-1]

    yield start
    for processes in started:
        processes.close()
        processes.studio.check()


def is_in_mid_step(processes: Processes, job: Job) -> bool:
    now = processes.studio.job(job.id)
    return now.state is JobState.RUNNING and 0 < now.step < now.total_steps


def is_done(processes: Processes, *submitted: Job) -> bool:
    return all(processes.studio.job(job.id).state is JobState.DONE for job in submitted)


def check_pictures(processes: Processes, folder: Path, job: Job) -> None:
    """What is stored is what the rows say, delivered once."""
    storage = DirectoryStorage(folder / "data" / "objects")
    with processes.studio.database.read() as session:
        pictures = images_of(session, job.id)
    assert len(pictures) == job.image_count
    for picture in pictures:
        assert hashlib.sha256(storage.get(picture.key)).hexdigest() == picture.sha256
    assert processes.studio.deliveries(job.id) == ["due"]


def test_kill_9_in_mid_step_with_four_jobs(postgres_database: Database, start: Start, tmp_path: Path) -> None:
    processes = start(postgres_database)
    worker = processes.worker()
    submitted = [processes.submit(steps=MANY_STEPS, count=2, member=member) for member in range(1, 5)]
    wait_for(lambda: all(is_in_mid_step(processes, job) for job in submitted), 30)
    worker.kill()
    processes.worker()
    wait_for(lambda: is_done(processes, *submitted), 90)
    for job in submitted:
        done = processes.studio.job(job.id)
        assert (done.attempt, done.losses, done.counted_attempts) == (2, 1, 0)
        check_pictures(processes, tmp_path, job)
    for member in range(1, 5):
        assert processes.studio.balance(member) == 1000 - 2 * IMAGE_PRICE


def test_a_job_goes_to_the_worker_that_has_its_lora(
    postgres_database: Database, start: Start, tiny_models: Path, tmp_path: Path
) -> None:
    processes = start(postgres_database)
    processes.worker()
    plain, special = processes.submit(steps=2), processes.submit(steps=2, adapters=(Adapter(name="ink"),))
    wait_for(lambda: is_done(processes, plain), 60)
    assert processes.studio.job(special.id).state is JobState.QUEUED
    from models.tiny.adapters import build_tiny_adapter

    build_tiny_adapter(tmp_path / "more" / "lora" / "ink.safetensors", tiny_models / "tiny")
    rich = processes.worker(tmp_path / "more")
    wait_for(lambda: is_done(processes, special), 60)
    assert processes.studio.job(special.id).attempt == 1
    assert rich.said("attempt 1 begins")
    check_pictures(processes, tmp_path, special)


def test_a_worker_paused_past_its_lease_leaves_no_trace(
    postgres_database: Database, start: Start, tmp_path: Path
) -> None:
    # Not on SQLite, where a process that is paused within a transaction keeps every other from writing.
    processes = start(postgres_database)
    keeper = processes.keeper()
    paused = processes.worker()
    job = processes.submit(steps=MANY_STEPS, count=2)
    wait_for(lambda: is_in_mid_step(processes, job), 30)
    paused.signal(signal.SIGSTOP)
    processes.worker()
    wait_for(lambda: is_done(processes, job), 60)
    assert keeper.said("lost its lease")
    paused.signal(signal.SIGCONT)
    wait_for(lambda: paused.said("what was made is dropped"), 30)
    done = processes.studio.job(job.id)
    assert (done.state, done.attempt, done.losses) == (JobState.DONE, 2, 1)
    check_pictures(processes, tmp_path, job)


def test_redis_may_come_and_go(
    sqlite_database: Database, start: Start, server: OwnRedis, tmp_path: Path
) -> None:
    server.kill()
    processes = start(sqlite_database)
    worker = processes.worker()
    unrung = processes.submit(steps=2)
    wait_for(lambda: is_done(processes, unrung), 30)

    server.start()
    doorbell = Doorbell(server.url)
    for _ in range(10):
        assert doorbell.ring(unrung.id)
    wait_for(lambda: doorbell.waiting() == 0, 30)
    rung = processes.submit(steps=2)
    assert doorbell.ring(rung.id)
    wait_for(lambda: is_done(processes, rung))
    assert processes.studio.job(unrung.id).attempt == 1

    running = processes.submit(steps=MANY_STEPS)
    wait_for(lambda: is_in_mid_step(processes, running))
    server.kill()
    wait_for(lambda: is_done(processes, running), 30)
    server.start()
    server.flush()
    for job in (unrung, rung, running):
        check_pictures(processes, tmp_path, job)
    wait_for(lambda: doorbell.ring(running.id) and doorbell.waiting() == 0, 30)
    doorbell.close()
    assert worker.said("ready")


def test_sigterm_gives_a_long_job_back_and_ends(
    sqlite_database: Database, start: Start, server: OwnRedis, tmp_path: Path
) -> None:
    processes = start(sqlite_database)
    worker = processes.worker()
    settings = load_settings({"ATELIER_DATA_DIR": str(tmp_path / "data")})
    assert ask("worker", settings)[0]
    jobs = [processes.submit(steps=900, count=4, member=member) for member in (1, 2, 3, 4)]
    wait_for(lambda: is_in_mid_step(processes, jobs[0]), 30)
    # Even while its broker is away.
    server.kill()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    back = processes.studio.job(jobs[0].id)
    assert (back.state, back.losses, back.counted_attempts, back.suspect) == (JobState.QUEUED, 0, 0, False)
    assert not ask("worker", settings)[0]
    # Its successor comes in a moment; until then members' jobs wait for it.
    with processes.studio.database.read() as session:
        assert models_available(session)
