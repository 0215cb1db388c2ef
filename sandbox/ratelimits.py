"""Discord's rate limits: a bucket for each route and major parameter, and 50 requests a second in all."""

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

INVALID_WINDOW_S = 600.0
# An interaction's callback is a webhook's: its id and token stand where the webhook's do.
MAJOR_PARAMETERS = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_token")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """So many requests in a window."""

    limit: int
    per_s: float


# Discord publishes none of these: they are what its headers have long said. Routes absent here get DEFAULT.
DEFAULT = Rule(limit=50, per_s=1.0)
RULES = {
    "POST /channels/{channel_id}/messages": Rule(limit=5, per_s=5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": Rule(limit=5, per_s=5.0),
    "DELETE /channels/{channel_id}/messages/{message_id}": Rule(limit=5, per_s=1.0),
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me": Rule(limit=1, per_s=0.25),
    "POST /users/@me/channels": Rule(limit=10, per_s=10.0),
    "POST /webhooks/{webhook_id}/{webhook_token}": Rule(limit=5, per_s=2.0),
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": Rule(limit=5, per_s=2.0),
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original": Rule(limit=5, per_s=2.0),
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the headers of the answer say, and whether the request may go on."""

    bucket: str
    limit: int
    remaining: int
    reset_after_s: float
    resets_at: float  # seconds since 1970
    scope: str | None = None  # whose limit refuses it: user, shared (with other bots) or global

    @property
    def refused(self) -> bool:
        """Whether the request goes no further."""
        return self.scope is not None

    def headers(self) -> dict[str, str]:
        """The X-RateLimit headers; a refusal also says when to come back."""
        if self.scope == "global":
            return refusal_headers(self.reset_after_s, scope=self.scope)
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": f"{self.resets_at:.3f}",
            "X-RateLimit-Reset-After": f"{self.reset_after_s:.3f}",
            "X-RateLimit-Bucket": self.bucket,
        }
        return headers | (refusal_headers(self.reset_after_s, scope=self.scope) if self.scope else {})


def refusal_headers(retry_after_s: float, *, scope: str) -> dict[str, str]:
    """What every 429 says: when to come back, whose limit it is, and by `Via` that Discord said it."""
    headers = {"Retry-After": str(math.ceil(retry_after_s)), "X-RateLimit-Scope": scope, "Via": "1.1 google"}
    return headers | ({"X-RateLimit-Global": "true"} if scope == "global" else {})


@dataclass
class Window:
    """Requests counted from `started` on."""

    started: float
    used: int = 0


class RateLimits:
    """Counts requests and refuses those above the limits; `now` is in seconds since 1970."""

    def __init__(self, *, global_per_s: int, now: Callable[[], float]) -> None:
        self._global = Rule(limit=global_per_s, per_s=1.0)
        self._now = now
        self._windows: dict[tuple[str, ...], Window] = {}

    def take(self, method: str, route: str, path: Mapping[str, str]) -> Verdict:
        """Count one request. Interaction endpoints stand outside the global limit, as on Discord."""
        if not route.startswith(("/interactions/", "/webhooks/")):
            everywhere = self._count("global", self._global, ("global",), scope="global")
            if everywhere.refused:
                return everywhere
        bucket, rule = _bucket(method, route)
        major = tuple(path[name] for name in MAJOR_PARAMETERS if name in path)
        return self._count(bucket, rule, (bucket, *major), scope="user")

    def refusal(self, method: str, route: str, *, retry_after_s: float, scope: str) -> Verdict:
        """The verdict on a request that is refused whatever was counted."""
        bucket, rule = _bucket(method, route)
        return Verdict(
            bucket=bucket,
            limit=rule.limit,
            remaining=0,
            reset_after_s=retry_after_s,
            resets_at=self._now() + retry_after_s,
            scope=scope,
        )

    def _count(self, bucket: str, rule: Rule, key: tuple[str, ...], *, scope: str) -> Verdict:
        now = self._now()
        window = self._windows.get(key)
        if window is None or now >= window.started + rule.per_s:
            self._forget_old(now)
            window = self._windows[key] = Window(started=now)
        refused = window.used >= rule.limit
        window.used += not refused
        return Verdict(
            bucket=bucket,
            limit=rule.limit,
            remaining=rule.limit - window.used,
            reset_after_s=window.started + rule.per_s - now,
            resets_at=window.started + rule.per_s,
            scope=scope if refused else None,
        )

    def _forget_old(self, now: float) -> None:
        """Every interaction token is a bucket of its own: without this they would pile up."""
        if len(self._windows) > 4096:
            longest_s = max(rule.per_s for rule in RULES.values())
            self._windows = {k: w for k, w in self._windows.items() if now < w.started + longest_s}


def _bucket(method: str, route: str) -> tuple[str, Rule]:
    """The name and the rule of a route's bucket."""
    key = f"{method} {route}"
    return f"{zlib.crc32(key.encode()):08x}", RULES.get(key, DEFAULT)


class InvalidRequests:
    """Counts answers held against an address; too many, and nothing goes through for a while."""

    def __init__(self, *, most: int, now: Callable[[], float]) -> None:
        self._most = most
        self._now = now
        self._window = Window(started=-math.inf)

    def count(self, status: int, scope: str | None = None) -> None:
        """Note an answer. A 429 for a limit that bots share is nobody's fault."""
        if status not in (401, 403, 429) or scope == "shared":
            return
        if self._now() >= self._window.started + INVALID_WINDOW_S:
            self._window = Window(started=self._now())
        self._window.used += 1

    def banned_s(self) -> float:
        """How long nothing goes through; 0 where all is well."""
        left_s = self._window.started + INVALID_WINDOW_S - self._now()
        return left_s if self._window.used >= self._most and left_s > 0 else 0.0
