"""Time as the local Discord sees it: the wall clock, which a test may set ahead or hold, and ids from it."""

import time
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000  # the first second of 2015, where snowflakes start counting


class Clock:
    """The wall clock plus what a test has skipped, so that a token can be 15 minutes old in a moment."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self._held: float | None = None
        self._last_id = 0

    def now(self) -> float:
        """Seconds since 1970, for every deadline and expiry."""
        return (time.time() if self._held is None else self._held) + self._ahead_s

    def hold(self) -> None:
        """From here on time passes by `advance` alone, so that no limit depends on how fast a test is."""
        self._held = time.time()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._ahead_s += seconds

    def iso(self) -> str:
        """The moment as Discord writes it, such as 2026-11-21T01:02:03.000004+00:00."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="microseconds")

    def snowflake(self) -> int:
        """A new id: milliseconds since 2015 in the upper bits, always larger than the one before."""
        stamp = (int(self.now() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last_id = max(stamp, self._last_id + 1)
        return self._last_id
