"""Opening databases, and what a transaction promises on each kind."""

from __future__ import annotations

import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import column, literal, select, update
from sqlalchemy.exc import DBAPIError

from core.jobs import JobState
from db import accounts
from db.engine import Database, open_database
from db.tables import AccountRow, JobRow, LedgerRow
from tests.db.studio import Studio


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.begin() as session:
        accounts.account_for(session, 1, 2, 100)
        raise RuntimeError
    with database.read() as session:
        assert session.scalars(select(AccountRow)).all() == []


def test_a_read_leaves_nothing(database: Database) -> None:
    with database.read() as session:
        accounts.account_for(session, 1, 2, 100)
    with database.read() as session:
        assert session.scalars(select(LedgerRow)).all() == []


def test_eight_writers_wait_for_each_other(database: Database) -> None:
    with database.begin() as session:
        account = accounts.account_for(session, 1, 2, 0)

    def write(_: int) -> None:
        for _ in range(25):
            with database.begin() as session:
                # Read, then write: on SQLite a transaction that began as a reader would fail here.
                before = accounts.balance(session, account.id)
                accounts.grant(session, account.id, 1, reason=f"had {before}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with database.read() as session:
        assert accounts.balance(session, account.id) == 200


def test_errors_tell_no_values(database: Database) -> None:
    wrong = update(JobRow).values(state=JobState.DONE, error="a red fox")
    studio = Studio(database)
    studio.submit()
    for statement in (wrong, select(literal("a red fox"), column("nowhere"))):
        with pytest.raises(DBAPIError) as caught, database.begin() as session:
            session.execute(statement)
        told = "".join(traceback.format_exception(caught.value))
        assert "nowhere" in told or "ck_jobs_finished" in told
        assert "fox" not in told


def test_forty_threads_each_find_a_connection(database: Database) -> None:
    with ExitStack() as held:
        for _ in range(40):
            session = held.enter_context(database.read())
            assert session.scalar(select(literal(1))) == 1


def test_connections_come_back_after_the_server_cut_them(postgres_url: str) -> None:
    database = open_database(postgres_url)
    with database.begin() as session:
        accounts.account_for(session, 1, 2, 100)
        victim = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    other = open_database(postgres_url)
    with other.begin() as session:
        session.connection().exec_driver_sql(f"SELECT pg_terminate_backend({victim})")
    other.close()
    with database.read() as session:
        assert accounts.balance(session, 1) == 100
    database.close()
