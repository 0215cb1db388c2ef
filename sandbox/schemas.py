"""JSON Schema checks so cheap that every request and answer can have one: jsonschema-rs compiles them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationError, ValidationErrorKind

Schema = Mapping[str, Any]
DESCRIPTION = "urn:discord"
UNIONS = (ValidationErrorKind.AnyOf, ValidationErrorKind.OneOfNotValid)


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """Where a value does not fit, as a JSON path such as $.components[0].type, and why."""

    where: str
    message: str


class Check:
    """One compiled schema."""

    def __init__(self, validator: Draft202012Validator) -> None:
        self._validator = validator

    def misfit(self, value: Any) -> Misfit | None:
        """The plainest reason why `value` does not fit; None when it does."""
        if self._validator.is_valid(value):
            return None
        error = _innermost(next(self._validator.iter_errors(value)))
        return Misfit(where=_json_path(error.instance_path), message=error.message[:500])


class Checker:
    """Compiles schemas that refer to `#/components/schemas/...`."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        described = {"components": {"schemas": schemas}}
        self._registry = Registry([(DESCRIPTION, described)], draft=Draft202012)

    def check(self, schema: Schema) -> Check:
        """The check for one schema, which stands apart from those it refers to."""
        apart = json.loads(json.dumps(schema).replace('"#/', f'"{DESCRIPTION}#/'))
        return Check(Draft202012Validator(apart, registry=self._registry))


def _innermost(error: ValidationError) -> ValidationError:
    """Inside a union, what is wrong with the member that was meant: of those left, the one that fits most."""
    if not isinstance(error.kind, UNIONS):
        return error
    meant = [errors for errors in error.kind.context if not any(_another(each) for each in errors)]
    if not meant:
        return error
    return _innermost(_deepest(max(meant, key=lambda errors: len(_deepest(errors).instance_path))))


def _another(error: ValidationError) -> bool:
    """Whether a member of a union was not meant: another `type`, or another constant of an enumeration."""
    return error.instance_path[-1:] == ["type"] or isinstance(error.kind, ValidationErrorKind.Constant)


def _deepest(errors: Sequence[ValidationError]) -> ValidationError:
    return max(errors, key=lambda error: len(error.instance_path))


def _json_path(path: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
