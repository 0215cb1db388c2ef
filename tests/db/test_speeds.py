"""How fast models are is learnt from what workers finish; enough of it moves prices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bench.virtual_time import pass_time, virtual_time
from core.price import MEASURED_JOBS, MOST_PACE, Measured, paces
from db import keeping
from db.account_tables import JobMeterRow
from db.claims import Claim
from db.engine import Database
from db.speeds import learnt_paces, learnt_speeds
from tests.db.studio import Studio

SLOW = "slow"


@pytest.fixture
def timed(database: Database) -> Iterator[Studio]:
    """A studio whose clock a test moves on, with a worker that has loaded two models."""
    with virtual_time(database):
        studio = Studio(database, credits=100_000)
        studio.worker(models=("starter", SLOW))
        yield studio


def wait(studio: Studio, seconds: float) -> None:
    with studio.database.begin() as session:
        pass_time(session, seconds)


def begin(studio: Studio, *, loaded: bool = True, **options: object) -> Claim:
    studio.submit(**options)
    return studio.take(resident=("starter", SLOW) if loaded else ()).claim


def end(studio: Studio, claim: Claim) -> None:
    for index in range(studio.job(claim.job_id).image_count):
        studio.image(claim, index)
    assert studio.finish(claim)


def draw(studio: Studio, seconds: float, **options: object) -> None:
    claim = begin(studio, **options)
    wait(studio, seconds)
    end(studio, claim)


def seconds_per_job(studio: Studio, model: str = "starter") -> float:
    with studio.database.read() as session:
        speed = learnt_speeds(session)[model].seconds_per_work
    # Five calls on 64 x 64 pixels with guidance.
    return speed * 5 * 64 * 64


def pace(studio: Studio) -> dict[str, float]:
    with studio.database.read() as session:
        return dict(learnt_paces(session))


def test_the_time_of_jobs_side_by_side_is_shared(timed: Studio) -> None:
    first = begin(timed, member=1)
    wait(timed, 4.0)
    second = begin(timed, member=2, count=3)
    wait(timed, 8.0)
    end(timed, first)
    # Four seconds alone, and a quarter of eight.
    assert seconds_per_job(timed) == pytest.approx(6.0)
    end(timed, second)
    # The mean of logarithms of 6 and of 2 for each of three pictures.
    assert seconds_per_job(timed) == pytest.approx((6.0 * 2.0) ** 0.5)


def test_what_says_nothing_about_the_speed_is_not_measured(timed: Studio) -> None:
    draw(timed, 50.0, loaded=False)
    halted = begin(timed)
    wait(timed, 50.0)
    timed.lose(halted.job_id)
    with timed.database.begin() as session:
        keeping.expire_leases(session)
    again = timed.take(resident=("starter",)).claim
    wait(timed, 1.0)
    end(timed, again)
    with timed.database.read() as session:
        assert learnt_speeds(session) == {}
        assert session.scalars(select(JobMeterRow)).all() == []


def test_one_odd_job_hardly_moves_the_average(timed: Studio) -> None:
    for _ in range(10):
        draw(timed, 2.0)
    draw(timed, 2000.0)
    assert 2.0 < seconds_per_job(timed) < 2.2
    draw(timed, 0.002)
    assert 1.9 < seconds_per_job(timed) < 2.1


def test_a_model_three_times_as_slow_costs_three_times_as_much(timed: Studio) -> None:
    for _ in range(MEASURED_JOBS - 1):
        draw(timed, 2.0)
        draw(timed, 6.0, model=SLOW)
    assert pace(timed) == {}, "too few to tell"
    for _ in range(2):
        draw(timed, 2.0)
        draw(timed, 6.0, model=SLOW)
    draw(timed, 2.0)
    assert pace(timed) == pytest.approx({"starter": 1.0, SLOW: 3.0})


def test_paces_compare_models_on_the_device_where_both_were_measured() -> None:
    def seen(model: str, device: str, seconds: float, jobs: int) -> Measured:
        return Measured(model=model, device=device, seconds_per_work=seconds, jobs=jobs)

    measured = [
        seen("usual", "card", 1.0, 90),
        seen("usual", "cpu", 50.0, 20),
        seen("large", "card", 3.0, 40),
        seen("large", "cpu", 200.0, 21),
        seen("huge", "card", 100.0, 25),
        seen("elsewhere", "phone", 7.0, 30),
    ]
    assert paces(measured) == {"usual": 1.0, "large": 3.0, "huge": MOST_PACE}
    assert paces([]) == {}
