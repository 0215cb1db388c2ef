"""Failures on demand: what goes wrong, for which requests or gateway events, how often or how long."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import count


class FaultKind(StrEnum):
    """What goes wrong. *Before*: nothing happened; *after*: it did, and the caller cannot know."""

    BAD_GATEWAY_BEFORE = "bad_gateway_before"
    BAD_GATEWAY_AFTER = "bad_gateway_after"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    DELAY_BEFORE = "delay_before"
    DELAY_AFTER = "delay_after"
    RATE_LIMITED = "rate_limited"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    LOSE = "lose"


K = FaultKind
FOR_REQUESTS = (
    K.BAD_GATEWAY_BEFORE, K.BAD_GATEWAY_AFTER, K.DROP_BEFORE, K.DROP_AFTER, K.DELAY_BEFORE, K.DELAY_AFTER,
    K.RATE_LIMITED,
)  # fmt: skip
FOR_EVENTS = (
    K.DROP_BEFORE, K.DROP_AFTER, K.DELAY_BEFORE, K.DELAY_AFTER, K.DUPLICATE, K.REORDER, K.LOSE,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One failure. For a gateway event the method is EVENT and the route its name."""

    kind: FaultKind
    #: GET, POST, PATCH, PUT, DELETE, EVENT, or * for any request.
    method: str = "*"
    #: Discord's own path template, such as /channels/{channel_id}/messages; * matches anything.
    route: str = "*"
    #: How many matching requests it meets, as long as `lasting_s` does not say until when.
    times: int = 1
    #: Matching requests let through before the first one that fails.
    skip: int = 0
    #: How long a delay lasts, what a 429 asks to wait, or how long an event waits to be overtaken.
    seconds: float = 0.1
    #: With it, every matching request for so many seconds fails, however many there are.
    lasting_s: float | None = None
    #: The status of a failed gateway: 500, 502, 503, 504.
    status: int = 502
    #: Whose limit a 429 names: user, shared (with other bots) or global.
    scope: str = "user"

    def matches(self, method: str, route: str) -> bool:
        """Whether this request is one of those meant."""
        meant = self.method == method or (self.method == "*" and method != "EVENT")
        # A route's braces and brackets are plain text here; only * and ? are wild.
        return meant and fnmatchcase(route, self.route)


class NoSuchFault(ValueError):
    """A kind of failure that requests, or events, do not have."""


@dataclass(kw_only=True)
class Active:
    """A failure that waits, or goes on."""

    id: int
    fault: Fault
    skip: int
    left: int
    until: float | None  # on the local Discord's clock


class Faults:
    """The failures waiting to happen, oldest first."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._numbers = count(1)
        self._active: list[Active] = []

    def add(self, fault: Fault) -> int:
        """Let `fault` happen to the next requests it matches; returns its number. Raises NoSuchFault."""
        known = FOR_EVENTS if fault.method == "EVENT" else FOR_REQUESTS
        if fault.kind not in known:
            what = "events" if fault.method == "EVENT" else "requests"
            raise NoSuchFault(f"{what} have no fault {fault.kind.value!r}; there are {', '.join(known)}")
        until = None if fault.lasting_s is None else self._now() + fault.lasting_s
        number = next(self._numbers)
        self._active.append(Active(id=number, fault=fault, skip=fault.skip, left=fault.times, until=until))
        return number

    def clear(self, number: int | None = None) -> None:
        """Let everything go well again, or end one failure."""
        self._active = [active for active in self._active if number is not None and active.id != number]

    def waiting(self) -> list[Active]:
        """Those that have not run out yet."""
        now = self._now()
        self._active = [active for active in self._active if active.until is None or now < active.until]
        return list(self._active)

    def take(self, method: str, route: str) -> Fault | None:
        """The failure this request meets, counted down."""
        if not self._active:
            return None
        for active in self.waiting():
            if not active.fault.matches(method, route):
                continue
            if active.skip > 0:
                active.skip -= 1
                continue
            active.left -= 1
            if active.left <= 0 and active.until is None:
                self._active.remove(active)
            return active.fault
        return None
