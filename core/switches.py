"""What those who run the studio, or a server, switch off for a while."""

from __future__ import annotations

from enum import StrEnum

#: Stands for a server where the whole studio is meant.
STUDIO = 0


class Switch(StrEnum):
    #: No new jobs are begun; what is asked for waits.
    PAUSE = "pause"
    #: A worker (by its id) ends what it has and begins nothing.
    DRAIN = "drain"
    #: A model (by its name) draws nothing.
    MODEL = "model"
