"""What members are told is about what comes, and no list of jobs, however long, keeps others waiting."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import pytest

from bench.crowd import Crowd, Order
from bench.eta import estimates, p90, served_before
from bench.virtual_time import virtual_time
from db.engine import Database, open_database


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    yield opened
    opened.close()


def test_the_eta_told_at_submission_is_about_right(sqlite: Database) -> None:
    told = estimates(sqlite)
    errors = [each.error for each in told]
    assert len(told) > 200 and all(each.eta_s is not None for each in told)
    assert median(errors) <= 0.3, sorted(errors)
    assert p90(errors) <= 1.0, sorted(errors)
    # There was a queue, else this would say little.
    assert median(each.actual_s for each in told) > 10


def test_nine_with_five_jobs_are_done_before_the_sixtieth_of_one_with_two_hundred(database: Database) -> None:
    assert served_before(database) < 60


def test_a_larger_weight_is_a_larger_share(sqlite: Database) -> None:
    orders = [Order(at=number * 0.01, member=1 + number % 2) for number in range(60)]
    with virtual_time(sqlite):
        crowd = Crowd(sqlite, workers=1, tells=False)
        crowd.set_weight(2, 3.0)
        done = [told.order.member for told in crowd.play(orders)]
    # While both have jobs waiting; the first eight were taken before there was a queue.
    assert 2.0 < done[8:32].count(2) / done[8:32].count(1) < 4.0
