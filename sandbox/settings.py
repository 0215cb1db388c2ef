"""How strict the local Discord is."""

import os
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_OPENAPI = Path(__file__).parent.parent / "../shared/discord/openapi.json"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What differs between one local Discord and another."""

    #: Discord's API description, against which requests and answers are checked.
    openapi: Path = field(default_factory=lambda: Path(os.environ.get("DISCORD_OPENAPI") or DEFAULT_OPENAPI))
    #: The only bot token that is let in; None lets any in.
    token: str | None = None
    #: Whether requests above Discord's limits are refused.
    rate_limits: bool = True
    #: Requests a second over all routes but interactions.
    global_per_s: int = 50
    #: 401s, 403s and 429s in ten minutes, above which every request is refused until they are over.
    invalid_requests: int = 10_000
    #: Privileged intents that the bot may ask for: 1 << 1 members, 1 << 8 presences, 1 << 15 content.
    privileged_intents: int = 0
    #: Gateway sessions that may begin in a day.
    sessions_a_day: int = 1_000
    #: Seconds between two of them. Discord's own 5 would slow down every test that starts a bot twice.
    session_every_s: float = 0.0
    #: Events of a session that are kept to be replayed.
    remembered_events: int = 2_000
