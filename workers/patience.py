"""Going on through trouble that passes: a database that restarts, an object store that is down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import ObjectMissing, StorageError

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

#: What passes by itself: connections that break or are all in use, a store that fails.
PASSING = (OperationalError, InterfaceError, PoolTimeoutError, StorageError)

_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 10.0
_CHECK_EVERY_S = 0.2


def keep_trying(act: Callable[[], _T], *, may_go_on: Callable[[], bool]) -> _T:
    """Do it until it works. `act` may have had its effect although it raised, so it must bear repeating.

    Raises:
        Whatever is PASSING: the last one, once `may_go_on` says no.
        ObjectMissing: at once.
    """
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            return act()
        except ObjectMissing:
            raise
        except PASSING as error:
            if not may_go_on():
                raise
            logger.warning("trying again in %.1f s: %s", wait_s, error)
        _sleep(wait_s, may_go_on)
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


def _sleep(seconds: float, may_go_on: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while may_go_on() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _CHECK_EVERY_S))
