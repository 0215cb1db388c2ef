"""How many gateway sessions may begin: so many a day, and one in every few seconds."""

from typing import Any

from .clock import Clock

DAY_S = 24 * 3600.0


class Starts:
    """Counts sessions that begin. Resumed ones do not count."""

    def __init__(self, *, clock: Clock, a_day: int, every_s: float) -> None:
        self._clock = clock
        self._a_day = a_day
        self._every_s = every_s
        self._begun: list[float] = []

    def limit(self) -> dict[str, Any]:
        """`session_start_limit` of GET /gateway/bot; times are milliseconds."""
        today = self._today()
        reset_s = today[0] + DAY_S - self._clock.now() if today else 0.0
        return {
            "total": self._a_day,
            "remaining": max(0, self._a_day - len(today)),
            "reset_after": int(reset_s * 1000),
            "max_concurrency": 1,
        }

    def exhausted(self) -> bool:
        """Whether none is left for today."""
        return len(self._today()) >= self._a_day

    def too_soon(self) -> bool:
        """Whether the one before began just now."""
        return bool(self._begun) and self._clock.now() < self._begun[-1] + self._every_s

    def count(self) -> None:
        """One began."""
        self._begun = [*self._today(), self._clock.now()]

    def _today(self) -> list[float]:
        oldest = self._clock.now() - DAY_S
        return [at for at in self._begun if at > oldest]
