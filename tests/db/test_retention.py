"""Looking for what was kept long enough costs next to nothing where there is nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import delete, insert

from core.jobs import JobState
from core.storage import DirectoryStorage
from db.account_tables import AccountTierRow
from db.jobs import delete_job
from db.retention import any_expired
from db.tables import JobRow
from db.tiers import settle_tier
from tests.db.plans import plans_of
from tests.db.studio import GUILD, Studio, job_row
from workers.sweep import expire

ACCOUNTS, JOBS = 100, 5000


def keep_for(studio: Studio, account: int, days: int) -> None:
    with studio.database.begin() as session:
        settle_tier(session, account, GUILD, [])
        session.get_one(AccountTierRow, account).retention = days


def looks(studio: Studio) -> bool:
    with studio.database.read() as session:
        return any_expired(session)


def test_only_jobs_of_those_who_have_a_retention_are_looked_at(studio: Studio) -> None:
    accounts = [studio.account(member) for member in range(1, ACCOUNTS + 1)]
    keep_for(studio, accounts[0], 30)
    ended = {"state": JobState.DONE, "finished_at": 2e9}
    with studio.database.begin() as session:
        jobs = [job_row(accounts[number % ACCOUNTS], number, **ended) for number in range(JOBS)]
        session.execute(insert(JobRow), jobs)
        if session.get_bind().dialect.name == "postgresql":
            # Which autovacuum does there, and nobody on SQLite.
            session.connection().exec_driver_sql("ANALYZE")
    (plan,) = plans_of(studio.database, lambda: looks(studio))
    with studio.database.begin() as session:
        # They were never paid for.
        session.execute(delete(JobRow))
    assert "ix_jobs_kept" in plan and "account_id" in plan, plan
    assert "SCAN jobs" not in plan and "Seq Scan on jobs" not in plan, plan


def test_the_look_waits_for_no_writer(studio: Studio, tmp_path: Path) -> None:
    job = studio.submit()
    keep_for(studio, job.account_id, 30)
    with studio.database.begin() as session, ThreadPoolExecutor(1) as pool:
        delete_job(session, job.id)
        assert pool.submit(expire, studio.database, DirectoryStorage(tmp_path)).result(timeout=5) == 0
