"""Words that moderators' tools agree on, and how long a sanction lasts."""

from __future__ import annotations

import re
from enum import StrEnum

from core.errors import BadOption
from core.words import N_, _


class SanctionKind(StrEnum):
    #: No pictures here; what waits is cancelled. For good, or for a time.
    BAN = "ban"
    #: No new pictures for a time.
    TIME_OUT = "time-out"
    #: A mark that counts for a time.
    STRIKE = "strike"


#: What members read of each.
SANCTION_WORDS = {
    SanctionKind.BAN: N_("ban"),
    SanctionKind.TIME_OUT: N_("time-out"),
    SanctionKind.STRIKE: N_("strike"),
}


class ImagePolicy(StrEnum):
    """What becomes of a picture that the safety checker holds back; previews of it are never shown."""

    #: It is dropped and refunded.
    BLOCK = "block"
    #: It is shown behind a spoiler; in age-restricted channels only.
    SPOILER = "spoiler"
    #: It is kept until a moderator has looked at it.
    QUARANTINE = "quarantine"


class Ruling(StrEnum):
    """What a moderator decides about a reported picture."""

    APPROVE = "approve"
    REMOVE = "remove"
    #: Remove it, and strike its member.
    STRIKE = "strike"


#: Strikes that count at once; the last of them brings a time-out.
STRIKES = 3
STRIKE_LASTS_S = 30 * 86_400.0
TIME_OUT_AFTER_STRIKES_S = 86_400.0

_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_LONGEST_S = 366 * 86_400
_DURATION = re.compile(r"(\d{1,6})\s*([mhdw])")


def read_duration(option: str, typed: str) -> float:
    """Seconds that "30m", "2h", "7d" or "4w" mean, a minute to a year. Raises BadOption."""
    match = _DURATION.fullmatch(typed.strip().lower())
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 60 <= seconds <= _LONGEST_S:
        raise BadOption(
            option, typed, _("it is minutes, hours, days or weeks, as `30m`, `2h`, `7d` or `4w`.")
        )
    return float(seconds)
