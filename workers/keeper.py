"""`python -m workers.keeper`: looks after what nobody else would. Any number may run; one is in charge.

Once a second it takes back jobs whose lease ran out, rings again where a doorbell was lost, refills accounts
whose time has come, and closes contests whose time is over.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from contextlib import ExitStack

from core.errors import SettingsError
from core.events import Doorbell
from core.health import CheckResult, HealthServer
from core.logs import configure_logging
from core.settings import Settings, load_settings
from core.storage import open_storage
from db import keeping
from db.contests import close_contests
from db.engine import Database, open_database
from db.leader import lead, resign
from db.refill import refill_due
from workers.patience import PASSING
from workers.slot import Slot
from workers.sweep import Sweeper

logger = logging.getLogger(__name__)

_DUTY = "keeper"
_ROUND_S = 1.0
_LEASE_S = 5.0
#: A queued job this old should have been noticed, unless every worker is busy.
_UNANSWERED_S = 3.0
#: Rings at once; each wakes one worker, which then takes all that it has room for.
_RINGS = 8
_FORGET_EVERY_S = 60.0


class Keeper:
    """The rounds of one keeper process."""

    def __init__(self, database: Database, doorbell: Doorbell, holder: str) -> None:
        self._database = database
        self._doorbell = doorbell
        self._holder = holder
        self._forget_due = 0.0
        self._last_round = time.monotonic()
        self.in_charge = False

    @property
    def silent_for(self) -> float:
        """Seconds since the last round that reached the database."""
        return time.monotonic() - self._last_round

    def round(self) -> None:
        """Everything that is due now, if this process is in charge."""
        with self._database.begin() as session:
            in_charge = lead(session, _DUTY, self._holder, _LEASE_S)
            lost = keeping.expire_leases(session) if in_charge else []
            waiting = keeping.unanswered(session, _UNANSWERED_S, limit=_RINGS) if in_charge else []
            closed = close_contests(session) if in_charge else []
            if in_charge and time.monotonic() >= self._forget_due:
                keeping.forget_stale(session)
                self._forget_due = time.monotonic() + _FORGET_EVERY_S
        if in_charge is not self.in_charge:
            logger.info("in charge" if in_charge else "another keeper is in charge")
        self.in_charge = in_charge
        self._last_round = time.monotonic()
        for job_id in lost:
            logger.warning("job %s lost its lease and is queued again", job_id)
        for contest_id in closed:
            logger.info("contest %s is closed", contest_id)
        self._ring([*lost, *waiting])
        if in_charge:
            self._refill()

    def _refill(self) -> None:
        """Accounts whose time has come; some of them where they are many, as there is a next round."""
        with self._database.begin() as session:
            if lead(session, _DUTY, self._holder, _LEASE_S):
                refill_due(session)

    def end(self) -> None:
        if self.in_charge:
            self.in_charge = False
            with self._database.begin() as session:
                resign(session, _DUTY, self._holder)

    def _ring(self, job_ids: list[str]) -> None:
        # Workers take a ring at once, busy or not: where some lie in the queue there is nobody to hear more.
        if job_ids and self._doorbell.waiting() == 0:
            for job_id in job_ids[:_RINGS]:
                self._doorbell.ring(job_id)


def main() -> int:
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as stack:
        slot = Slot(settings.data_dir / "run", "keeper")
        stack.callback(slot.close)
        configure_logging(slot.process_name, settings)
        try:
            run(settings, slot, stack, stop)
        except Exception:
            # Logged like everything else: a bare traceback could show an address with its password.
            logger.exception("this process can't go on")
            return 1
    logger.info("stopped")
    return 0


def run(settings: Settings, slot: Slot, stack: ExitStack, stop: threading.Event) -> None:
    """Make rounds until `stop` is set."""
    database = open_database(settings.database_url)
    stack.callback(database.close)
    doorbell = Doorbell(settings.redis_url)
    stack.callback(doorbell.close)
    keeper = Keeper(database, doorbell, slot.holder_id)
    sweeper = Sweeper(database, open_storage(settings), lambda: keeper.in_charge)
    sweeper.start()
    stack.callback(sweeper.close)
    checks = {
        "rounds": lambda: CheckResult(keeper.silent_for < 10 * _ROUND_S, f"{keeper.silent_for:.1f} s ago"),
        "leader": lambda: CheckResult(True, "in charge" if keeper.in_charge else "standing by"),
        "redis": lambda: CheckResult(doorbell.waiting() is not None),
    }
    stack.enter_context(HealthServer(slot.process_name, settings, checks))
    logger.info("ready")
    while not stop.wait(_ROUND_S):
        try:
            keeper.round()
        except PASSING as error:
            logger.warning("the database does not answer: %s", error)
    try:
        keeper.end()
    except PASSING as error:
        logger.warning("another keeper takes over when the lease ends: %s", error)


if __name__ == "__main__":
    sys.exit(main())
