"""The keeper's rounds, with a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from core.events import Doorbell
from core.jobs import JobState
from core.storage import DirectoryStorage, StoredObject, image_key, preview_key
from db import accounts, jobs
from db.account_tables import AccountTierRow
from db.tiers import settle_tier
from tests.db.studio import GUILD, Studio
from tests.workers.workplace import wait_for
from workers import sweep as sweeping
from workers.keeper import Keeper
from workers.sweep import Sweeper, sweep


@pytest.fixture
def doorbell(redis_url: str) -> Iterator[Doorbell]:
    doorbell = Doorbell(redis_url)
    yield doorbell
    doorbell.close()


@pytest.fixture
def keeper(studio: Studio, doorbell: Doorbell) -> Keeper:
    return Keeper(studio.database, doorbell, "host/keeper")


def test_a_lost_job_is_queued_again_and_rung_for(studio: Studio, keeper: Keeper, doorbell: Doorbell) -> None:
    studio.worker()
    job = studio.submit()
    studio.take()
    keeper.round()
    assert studio.job(job.id).state is JobState.RUNNING
    studio.lose(job.id)
    keeper.round()
    assert studio.job(job.id).state is JobState.QUEUED
    assert doorbell.waiting() == 1


def test_a_doorbell_that_nobody_answered_is_rung_again_but_never_piled_up(
    studio: Studio, keeper: Keeper, doorbell: Doorbell
) -> None:
    fresh = studio.submit()
    keeper.round()
    assert doorbell.waiting() == 0
    studio.move(fresh.id, available_at=-10.0)
    for _ in range(5):
        keeper.round()
    assert doorbell.waiting() == 1


def test_many_waiting_jobs_are_a_few_rings(studio: Studio, keeper: Keeper, doorbell: Doorbell) -> None:
    for member in range(20):
        studio.submit(member=member, age_s=60.0)
    keeper.round()
    keeper.round()
    assert doorbell.waiting() == 8


def test_one_keeper_is_in_charge_until_it_ends(studio: Studio, keeper: Keeper, doorbell: Doorbell) -> None:
    second = Keeper(studio.database, doorbell, "other/keeper")
    keeper.round()
    second.round()
    assert (keeper.in_charge, second.in_charge) == (True, False)
    studio.worker()
    job = studio.submit()
    studio.take()
    studio.lose(job.id)
    second.round()
    assert studio.job(job.id).state is JobState.RUNNING
    keeper.end()
    second.round()
    assert (keeper.in_charge, second.in_charge) == (False, True)
    assert studio.job(job.id).state is JobState.QUEUED


def test_a_keeper_without_redis_still_takes_back_lost_jobs(studio: Studio) -> None:
    doorbell = Doorbell("unix:///tmp/there-is-no-such.sock")
    keeper = Keeper(studio.database, doorbell, "host/keeper")
    studio.worker()
    job = studio.submit()
    studio.take()
    studio.lose(job.id)
    keeper.round()
    assert studio.job(job.id).state is JobState.QUEUED
    doorbell.close()


def test_the_sweep_takes_old_objects_without_a_job_and_old_previews(
    studio: Studio, storage: DirectoryStorage
) -> None:
    kept, deleted = studio.submit(), studio.submit()
    for job_id in (kept.id, deleted.id, "NEVERWAS00"):
        storage.put(image_key(job_id, 0), b"picture", "image/png")
        storage.put(preview_key(job_id), b"preview", "image/webp")
    with studio.database.begin() as session:
        jobs.delete_job(session, deleted.id)
    assert sweep(studio.database, storage) == 0
    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    assert sweep(studio.database, storage, now=tomorrow) == 5
    assert [entry.key for entry in storage.keys("jobs/")] == [image_key(kept.id, 0)]


def test_the_sweep_leaves_what_is_not_a_jobs(studio: Studio, storage: DirectoryStorage) -> None:
    foreign = {"jobs/readme.txt", "jobs/some-folder/0.png", "jobs/NEVERWAS00/deep/0.png"}
    for key in foreign:
        storage.put(key, b"not ours", "text/plain")
    assert sweep(studio.database, storage, now=datetime.now(UTC) + timedelta(days=2)) == 0
    assert {entry.key for entry in storage.keys("jobs/")} == foreign


def test_the_sweeper_sweeps_soon_and_outlives_any_error(
    studio: Studio, storage: DirectoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "_LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(sweeping, "_EVERY_S", 0.02)
    sweeps: list[str] = []

    def breaks(prefix: str = "") -> Iterator[StoredObject]:
        sweeps.append(prefix)
        raise ZeroDivisionError

    monkeypatch.setattr(storage, "keys", breaks)
    sweeper = Sweeper(studio.database, storage, lambda: True)
    sweeper.start()
    wait_for(lambda: len(sweeps) >= 2)
    sweeper.close()


def test_the_keeper_in_charge_refills_once(studio: Studio, keeper: Keeper, doorbell: Doorbell) -> None:
    account = studio.account(1)
    with studio.database.begin() as session:
        settle_tier(session, account, GUILD, ())
        session.execute(update(AccountTierRow).values(refill_due_at=0.0))
        accounts.grant(session, account, -950, reason="spent")
    other = Keeper(studio.database, doorbell, "host/another")
    for _ in range(2):
        keeper.round()
        other.round()
    assert not other.in_charge and studio.balance() == 150
    with studio.database.begin() as session:
        session.execute(update(AccountTierRow).values(refill_due_at=0.0))
    keeper.end()
    other.round()
    assert other.in_charge and studio.balance() == 150, "the ledger has today's refill"
