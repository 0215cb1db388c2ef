"""How often progress may be edited into a channel. Results never wait, and use up what it could have had."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

#: Seconds between two progress edits of one message.
PER_MESSAGE_S = 1.0
#: Edits that progress may make in one channel in WINDOW_S seconds. By interaction token each message has
#: limits of its own; this keeps a busy channel calm, and most of the bot's 50 requests a second for results.
PER_CHANNEL = 10
WINDOW_S = 5.0


class Throttle:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_edit: dict[str, float] = {}
        self._spent: dict[int, deque[float]] = {}

    def admit(self, channel_id: int, job_id: str) -> bool:
        """Whether a job's progress may be edited in now; True counts as done."""
        now = self._clock()
        if now - self._last_edit.get(job_id, float("-inf")) < PER_MESSAGE_S:
            return False
        if len(self._recent(channel_id, now)) >= PER_CHANNEL:
            return False
        self._last_edit[job_id] = now
        self._spent[channel_id].append(now)
        return True

    def spend(self, channel_id: int, job_id: str) -> None:
        """A result was edited in: it counts for the channel, and the job needs no more progress."""
        now = self._clock()
        self._last_edit.pop(job_id, None)
        self._recent(channel_id, now).append(now)
        # What has gone quiet is forgotten here, so that the tables stay as small as the traffic.
        for quiet_job in [job for job, at in self._last_edit.items() if now - at >= WINDOW_S]:
            del self._last_edit[quiet_job]
        for quiet in [channel for channel in self._spent if not self._recent(channel, now)]:
            del self._spent[quiet]

    def _recent(self, channel_id: int, now: float) -> deque[float]:
        spent = self._spent.setdefault(channel_id, deque())
        while spent and now - spent[0] >= WINDOW_S:
            spent.popleft()
        return spent
