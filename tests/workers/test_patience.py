"""Patience with the real errors of a real pool."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count

from sqlalchemy import QueuePool, create_engine

from workers.patience import keep_trying


def test_waiting_for_a_free_connection_is_trouble_that_passes() -> None:
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    attempts = count()
    with ExitStack() as busy:
        busy.enter_context(engine.connect())

        def act() -> int:
            attempt = next(attempts)
            if attempt == 1:
                busy.close()
            with engine.connect():
                return attempt

        assert keep_trying(act, may_go_on=lambda: True) == 1
    engine.dispose()
