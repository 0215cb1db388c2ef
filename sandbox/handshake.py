"""How a gateway connection begins: what a bot may ask for, and the codes that turn it away."""

from enum import IntEnum
from typing import Any

from .intents import KNOWN, PRIVILEGED

VERSIONS = (9, 10)


class Close(IntEnum):
    """Discord's close codes."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Refusal(Exception):
    """The gateway closes the connection."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code

    @property
    def reason(self) -> bytes:
        """The code in words."""
        return self.code.name.replace("_", " ").capitalize().encode()


def check_version(version: int) -> None:
    """Raise Refusal for a version of the gateway that is not served."""
    if version not in VERSIONS:
        raise Refusal(Close.INVALID_API_VERSION)


def check_identify(data: dict[str, Any], *, privileged: int) -> None:
    """Raise Refusal for a shard that cannot be, or intents that are not there or not allowed."""
    shard, shards = data.get("shard") or (0, 1)
    if not 0 <= shard < shards:
        raise Refusal(Close.INVALID_SHARD)
    intents = data.get("intents")
    if not isinstance(intents, int) or intents & ~KNOWN:
        raise Refusal(Close.INVALID_INTENTS)
    if intents & PRIVILEGED & ~privileged:
        raise Refusal(Close.DISALLOWED_INTENTS)
