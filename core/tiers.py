"""What a tier gives its members: credits, places in the queue, a share of the workers, days of keeping."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields

from core.errors import BadOption
from core.words import _

#: The largest number of credits that an account is filled up to, or a grant may move.
MAX_CREDITS = 1_000_000
#: The most unfinished jobs that a tier can allow a member.
MAX_JOBS = 1000
MAX_WEIGHT = 10.0
MIN_WEIGHT = 0.1
MAX_RETENTION_DAYS = 3650

_RANGES: dict[str, tuple[float, float]] = {
    "refill": (0, MAX_CREDITS),
    "cap": (0, MAX_CREDITS),
    "jobs": (1, MAX_JOBS),
    "running": (1, MAX_JOBS),
    "weight": (MIN_WEIGHT, MAX_WEIGHT),
    "retention": (1, MAX_RETENTION_DAYS),
}


@dataclass(frozen=True, kw_only=True)
class Tier:
    """Limits of a member in one server. Raises BadOption for what is out of its range."""

    #: Credits that come each time the server refills, 0 or more.
    refill: int
    #: The balance that a refill goes up to, and no further.
    cap: int
    #: Unfinished jobs at once, queued ones included.
    jobs: int
    #: Jobs that workers draw at once.
    running: int
    #: Share of the workers relative to others while there is a queue; 1 is usual.
    weight: float
    #: Days that pictures are kept; None: for good.
    retention: int | None

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            # Written so that NaN fails too.
            if value is not None and not low <= value <= high:
                raise BadOption(name, value, _("choose {low} to {high}.", low=f"{low:g}", high=f"{high:g}"))


#: Where a server says nothing else.
STANDARD = Tier(refill=100, cap=1000, jobs=20, running=20, weight=1.0, retention=None)


def best(tiers: Collection[Tier]) -> Tier:
    """The best of each limit, since a member may have several roles; there is at least one tier."""
    kept = [tier.retention for tier in tiers]
    most = {
        field.name: max(getattr(tier, field.name) for tier in tiers)
        for field in fields(Tier)
        if field.name != "retention"
    }
    return Tier(**most, retention=None if None in kept else max(days for days in kept if days is not None))
