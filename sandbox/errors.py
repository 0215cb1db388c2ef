"""The refusals of Discord's API, each with its HTTP status and Discord's own error code."""

from typing import Any


class DiscordError(Exception):
    """An answer other than success; `code` is Discord's JSON error code."""

    def __init__(self, status: int, code: int, message: str, errors: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def payload(self) -> dict[str, Any]:
        """The answer's body."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        return body if self.errors is None else body | {"errors": self.errors}


UNKNOWN = {
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "Overwrite": 10009,
    "Role": 10011,
    "User": 10013,
    "Webhook": 10015,
    "interaction": 10062,
    "application command": 10063,
}


def unknown(thing: str) -> DiscordError:
    """404 for a thing named as in `UNKNOWN`."""
    return DiscordError(404, UNKNOWN[thing], f"Unknown {thing}")


def missing_access() -> DiscordError:
    """403 for a place that the bot does not see."""
    return DiscordError(403, 50001, "Missing Access")


def missing_permissions() -> DiscordError:
    """403 for what the bot may not do there."""
    return DiscordError(403, 50013, "Missing Permissions")


def invalid_form(field: str, reason: str, *, code: str = "BASE_TYPE_INVALID") -> DiscordError:
    """400 for a body that breaks a limit; `field` is its dotted path, empty for the body as a whole."""
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": reason}]}
    for part in reversed(field.split(".") if field else []):
        errors = {part: errors}
    return DiscordError(400, 50035, "Invalid Form Body", errors)


def too_large() -> DiscordError:
    """413 for a file or a request above the server's limit."""
    return DiscordError(413, 40005, "Request entity too large")
