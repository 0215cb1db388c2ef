"""When jobs will be done: processor sharing, checked by hand and by what must always hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.drain import WIDTH, Load, seconds_until_done

LOADS = st.lists(
    st.builds(Load, seconds=st.floats(0.01, 100.0), pictures=st.integers(1, 4)), min_size=1, max_size=40
)


def test_one_alone_takes_its_own_time() -> None:
    assert seconds_until_done([Load(seconds=10.0, pictures=4)], 1) == pytest.approx([10.0])


def test_those_that_run_side_by_side_share_the_worker() -> None:
    short, long = Load(seconds=1.0, pictures=1, worker=0), Load(seconds=3.0, pictures=1, worker=0)
    assert seconds_until_done([long, short], 1) == pytest.approx([4.0, 2.0])
    assert seconds_until_done([long, Load(seconds=1.0, pictures=1)], 2) == pytest.approx([3.0, 1.0])


def test_pictures_count_and_not_jobs() -> None:
    one, three = Load(seconds=1.0, pictures=1), Load(seconds=3.0, pictures=3)
    assert seconds_until_done([one, three], 1) == pytest.approx([4.0, 4.0])


def test_whoever_finds_no_room_waits() -> None:
    crowd = [Load(seconds=1.0, pictures=1)] * WIDTH
    assert seconds_until_done([*crowd, Load(seconds=1.0, pictures=1)], 1)[-1] == pytest.approx(WIDTH + 1)


@given(loads=LOADS, workers=st.integers(1, 4))
def test_no_time_is_lost_and_none_is_gained(loads: list[Load], workers: int) -> None:
    done = seconds_until_done(loads, workers)
    total = sum(load.seconds for load in loads)
    # A job of four pictures may have a whole worker, but never more.
    assert all(end >= load.seconds * (1 - 1e-9) for end, load in zip(done, loads, strict=True))
    assert total / workers * (1 - 1e-9) <= max(done) <= total * (1 + 1e-9)
    if workers == 1:
        assert max(done) == pytest.approx(total)
