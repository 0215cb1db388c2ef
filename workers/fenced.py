"""Writing for a job, as long as it is this process's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from db.engine import Database
from workers.patience import keep_trying
from workers.running import RunningJob, Stop

_T = TypeVar("_T")


class ClaimLost(Exception):
    """The job is not this process's any more: whatever it made is dropped."""


class Fenced:
    """What a job's thread does to the database and the storage, with patience and within its lease."""

    def __init__(self, job: RunningJob, database: Database) -> None:
        self._job = job
        self._database = database

    def check(self) -> None:
        """Raises ClaimLost once another process may have the job."""
        if self._job.why_stopped is Stop.LOST:
            raise ClaimLost

    def write(self, act: Callable[[Session], _T]) -> _T:
        """One transaction, tried until the lease would have run out."""

        def transaction() -> _T:
            self.check()
            with self._database.begin() as session:
                return act(session)

        return keep_trying(transaction, may_go_on=lambda: self._job.why_stopped is not Stop.LOST)

    def patiently(self, act: Callable[[], _T]) -> _T:
        """An operation on storage, tried until somebody wants the job to stop."""
        self.check()
        return keep_trying(act, may_go_on=lambda: self._job.why_stopped is None)
