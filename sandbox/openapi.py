"""Checks every request and answer against Discord's own API description."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import invalid_form
from .schemas import Check, Checker, Schema

# Where Discord itself is looser than its description: it takes ids as numbers (every library sends some), and
# the codes inside error details are words such as BASE_TYPE_REQUIRED.
SNOWFLAKE_SENT = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$", "minimum": 0}
INNER_ERRORS = {"type": "object", "properties": {"_errors": {"type": "array"}}, "required": ["_errors"]}
OVERWRITE = "/channels/{channel_id}/permissions/{overwrite_id}"
BOOLEANS = ("true", "1", "false", "0")
NUMBER = re.compile(r"-?[0-9]+")


class DescriptionMissing(Exception):
    """The API description is not where the settings say, on a machine where it must be."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One way in which a request or an answer does not fit."""

    kind: str  # request or answer
    method: str
    route: str
    status: int | None
    where: str
    message: str


class Description:
    """What Discord says of its API, with one compiled check for each operation and direction."""

    def __init__(self, text: str) -> None:
        described = json.loads(text)
        _loosen(described)
        self.paths: Mapping[str, Any] = described["paths"]
        self.responses: Mapping[str, Any] = described["components"]["responses"]
        schemas = described["components"]["schemas"]
        self._checks: dict[tuple[str, ...], Check] = {}
        self._checkers = {
            "request": Checker(schemas | {"SnowflakeType": SNOWFLAKE_SENT}),
            "answer": Checker(schemas | {"InnerErrors": INNER_ERRORS}),
        }

    def check(self, kind: str, method: str, route: str, part: int | str | None, schema: Schema) -> Check:
        """The check for a request's body, one of its parameters (`part`), or an answer by its status."""
        key = (kind, method, route, str(part))
        if key not in self._checks:
            self._checks[key] = self._checkers[kind].check(schema)
        return self._checks[key]


@lru_cache(maxsize=1)
def _read(path: Path, _changed_ns: int) -> Description:
    """Tests start a local Discord each: the description of one file is read and compiled once a process."""
    return Description(path.read_text())


class OpenApi:
    """What does not fit Discord's description."""

    def __init__(self, description: Description | None) -> None:
        self.violations: list[Violation] = []
        self._description = description

    @classmethod
    def load(cls, path: Path) -> "OpenApi":
        """Read the description; without the file nothing is checked, except in CI, where that is an error."""
        if path.exists():
            return cls(_read(path, path.stat().st_mtime_ns))
        if os.environ.get("CI", "").lower() in ("1", "true"):
            raise DescriptionMissing(
                f"{path} does not exist; DISCORD_OPENAPI names Discord's API description."
            )
        return cls(None)

    @property
    def active(self) -> bool:
        """Whether anything is checked."""
        return self._description is not None

    def check_request(
        self, method: str, route: str, *, path: Mapping[str, str], query: Mapping[str, str], body: Any
    ) -> None:
        """Note where a request's path, query or body does not fit the operation.

        Raises DiscordError, the refusal that Discord gives to a body that does not fit.
        """
        if self._description is None:
            return
        before = len(self.violations)
        item = self._description.paths.get(route, {})
        operation = item.get(method.lower())
        if operation is None:
            self._note("request", method, route, None, "", "Discord has no such operation")
            return
        self._check_path(method, route, item, path)
        self._check_query(method, route, operation, query)
        media = operation.get("requestBody", {}).get("content", {})
        if "application/json" in media:
            self._check("request", method, route, None, media["application/json"]["schema"], body)
        elif body is not None:
            self._note("request", method, route, None, "", "this operation takes no body")
        if len(self.violations) > before:
            found = self.violations[-1]
            raise invalid_form(found.where.lstrip("$.") or "_", found.message)

    def check_answer(self, method: str, route: str, *, status: int, body: Any) -> None:
        """Note where an answer does not fit what Discord says it returns."""
        if self._description is None:
            return
        operation = self._description.paths.get(route, {}).get(method.lower())
        if operation is None:
            return
        answer = operation["responses"].get("4XX" if status >= 400 and status != 429 else str(status))
        if answer is None:
            self._note("answer", method, route, status, "", "Discord never answers with this status")
            return
        if "$ref" in answer:
            answer = self._description.responses[answer["$ref"].rsplit("/", 1)[1]]
        if "content" in answer:
            self._check(
                "answer", method, route, status, answer["content"]["application/json"]["schema"], body
            )
        elif body is not None:
            self._note("answer", method, route, status, "", "this answer has no body")

    def note_unserved(self, method: str, route: str, field: str = "") -> None:
        """Note a request that the local Discord has no handler for, or a field that it leaves out."""
        status = None if field else 404
        self._note("request", method, route, status, field, "the local Discord does not serve this")

    def _check_path(self, method: str, route: str, item: Mapping[str, Any], path: Mapping[str, str]) -> None:
        for parameter in item.get("parameters", []):
            self._check_parameter(method, route, parameter, path[parameter["name"]])

    def _check_query(
        self, method: str, route: str, operation: Mapping[str, Any], query: Mapping[str, str]
    ) -> None:
        known = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}
        for name, text in query.items():
            if name in known:
                self._check_parameter(method, route, known[name], text)
            else:
                self._note("request", method, route, None, name, "unknown query parameter")
        for name, parameter in known.items():
            if parameter.get("required") and name not in query:
                self._note("request", method, route, None, name, "is required")

    def _check_parameter(self, method: str, route: str, parameter: Mapping[str, Any], text: str) -> None:
        """A path or a query holds texts alone: one fits where it does as what it can be read as."""
        assert self._description is not None
        name = parameter["name"]
        check = self._description.check("request", method, route, name, parameter["schema"])
        misfits = [check.misfit(value) for value in _readings(text)]
        if None not in misfits:
            self._note("request", method, route, None, name, misfits[-1].message)

    def _check(
        self, kind: str, method: str, route: str, status: int | None, schema: Schema, body: Any
    ) -> None:
        assert self._description is not None
        check = self._description.check(kind, method, route, status, schema)
        misfit = check.misfit(body)
        if misfit is not None:
            self._note(kind, method, route, status, misfit.where, misfit.message)

    def _note(self, kind: str, method: str, route: str, status: int | None, where: str, message: str) -> None:
        self.violations.append(
            Violation(kind=kind, method=method, route=route, status=status, where=where, message=message)
        )


def _readings(text: str) -> list[Any]:
    """What a text of an address may stand for: itself, a list of one, a boolean, a number."""
    values: list[Any] = [[text], text]
    if text.lower() in BOOLEANS:
        values.append(text.lower() in BOOLEANS[:2])
    return [*values, int(text)] if NUMBER.fullmatch(text) else values


def _loosen(description: Mapping[str, Any]) -> None:
    """Permissions are documented, and sent, as strings; here the description knows numbers alone."""
    put = description["paths"][OVERWRITE]["put"]["requestBody"]["content"]["application/json"]["schema"]
    for name in ("allow", "deny"):
        put["properties"][name] = {"type": ["string", "integer", "null"]}
