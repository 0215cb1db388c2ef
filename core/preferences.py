"""What members, channels and servers may prefer: names of the settings, and whose say comes first."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """Whose setting it is; what comes first here is heeded first."""

    MEMBER = "member"
    CHANNEL = "channel"
    SERVER = "server"


#: One of `core.words.languages()`; channels have none.
LANGUAGE = "language"
