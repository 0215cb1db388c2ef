"""Which requests share a rate limit."""

from sandbox.ratelimits import RateLimits

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
EDIT = "/channels/{channel_id}/messages/{message_id}"


def refused(limits: RateLimits, method: str, route: str, path: dict[str, str]) -> bool:
    return limits.take(method, route, path).refused


def test_each_interaction_is_answered_by_a_limit_of_its_own() -> None:
    limits = RateLimits(global_per_s=50, now=lambda: 0.0)
    paths = [{"interaction_id": str(n), "interaction_token": f"token{n}"} for n in range(1000)]
    assert not any(refused(limits, "POST", CALLBACK, path) for path in paths)


def test_messages_of_one_channel_share_a_limit_and_channels_do_not() -> None:
    limits = RateLimits(global_per_s=50, now=lambda: 0.0)
    edits = [refused(limits, "PATCH", EDIT, {"channel_id": "1", "message_id": str(n)}) for n in range(6)]
    assert edits == [False] * 5 + [True]
    assert not refused(limits, "PATCH", EDIT, {"channel_id": "2", "message_id": "1"})
