"""Failures on demand: what goes wrong, for which requests or gateway events, and how many times."""

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


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


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One failure. For a gateway event the method is EVENT and the route its name."""

    kind: FaultKind
    #: GET, POST, PATCH, PUT, DELETE, EVENT, or * for any.
    method: str = "*"
    #: Discord's own path template, such as /channels/{channel_id}/messages; * matches anything.
    route: str = "*"
    #: How many matching requests it meets.
    times: int = 1
    #: Matching requests let through before the first one that fails.
    skip: int = 0
    #: How long a delay lasts, or what a 429 asks to wait.
    seconds: float = 0.1

    def matches(self, method: str, route: str) -> bool:
        """Whether this request is one of those meant."""
        # A route's braces and brackets are plain text here; only * and ? are wild.
        return self.method in ("*", method) and fnmatchcase(route, self.route)


class Faults:
    """The failures waiting to happen, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, list[int]]] = []  # with [to skip, to meet]

    def add(self, fault: Fault) -> None:
        """Let `fault` happen to the next requests it matches."""
        self._waiting.append((fault, [fault.skip, fault.times]))

    def clear(self) -> None:
        """Let everything go well again."""
        self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Those that have not run out yet."""
        return [fault for fault, _ in self._waiting]

    def take(self, method: str, route: str) -> Fault | None:
        """The failure this request meets, counted down."""
        for entry in self._waiting:
            fault, left = entry
            if not fault.matches(method, route):
                continue
            if left[0] > 0:
                left[0] -= 1
                continue
            left[1] -= 1
            if left[1] <= 0:
                self._waiting.remove(entry)
            return fault
        return None
