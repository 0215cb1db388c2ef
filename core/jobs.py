"""Job states and their closed life cycle.

    queued -> running -> done | failed | cancelled
       ^         |
       +---------+  lost lease or a failed attempt: back to the queue, and after the third, dead
    queued -> cancelled

`done`, `failed`, `cancelled` and `dead` are final; whatever was not delivered by then has been refunded.
"""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    #: Refused by the engine for a reason that another attempt would not change.
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: Given up after MAX_ATTEMPTS attempts that counted against it.
    DEAD = "dead"


FINAL_STATES = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.DEAD})

#: Attempts that may count against a job (a crash while it ran alone, an error of its own row).
MAX_ATTEMPTS = 3


class ImageKind(StrEnum):
    """What a stored picture is to its job."""

    RESULT = "result"
    GRID = "grid"
    #: Drawn from a picture on the way: a control map or a mask, shown to the member for use again.
    MAP = "map"


class LedgerKind(StrEnum):
    """Why a balance changed."""

    GRANT = "grant"
    HOLD = "hold"
    REFUND = "refund"
    #: Given back for pictures that a moderator did not let pass.
    REJECTED = "rejected"
