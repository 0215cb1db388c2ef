"""JSON Schema checks fast enough for every request: the same rules as jsonschema's, with fewer detours.

Discord's description is full of unions whose members each fix `type`, and of enumerations written as unions
of constants. Trying every member of each costs milliseconds a message; looking at `type` first costs none.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

Schema = Mapping[str, Any]
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


class Checker:
    """Validates against schemas that refer to `#/components/schemas/...`."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._unions: dict[int, Union] = {}
        keywords = {"$ref": self._ref, "oneOf": self._union("oneOf"), "anyOf": self._union("anyOf")}
        self._validator = extend(Draft202012Validator, keywords)

    def validator(self, schema: Schema) -> Any:
        """A jsonschema validator for one schema."""
        return self._validator(schema)

    def _ref(self, validator: Any, ref: str, instance: Any, _: Any) -> Iterator[ValidationError]:
        yield from validator.descend(instance, self._named(ref))

    def _named(self, ref: str) -> Schema:
        return self._schemas[ref.rsplit("/", 1)[1]]

    def _union(self, keyword: str) -> Keyword:
        standard = Draft202012Validator.VALIDATORS[keyword]

        def check(
            validator: Any, members: list[Schema], instance: Any, schema: Any
        ) -> Iterator[ValidationError]:
            # The description outlives this object, so a list's identity stands for the list.
            union = self._unions.get(id(members))
            if union is None:
                union = self._unions[id(members)] = Union(members, self._named)
            if not union.accepts_constant(instance):
                yield from standard(validator, union.candidates(instance), instance, schema)

        return check


class Union:
    """A oneOf or anyOf, sorted by what its members demand."""

    def __init__(self, members: list[Schema], named: Callable[[str], Schema]) -> None:
        self._members = members
        constants = [member["const"] for member in members if "const" in member]
        self._constants = {(type(c), c) for c in constants} if len(constants) == len(members) else set()
        self._by_type: dict[Any, list[Schema]] = {}
        self._other: list[Schema] = []
        for member in members:
            schema = named(member["$ref"]) if "$ref" in member else member
            kinds = schema.get("properties", {}).get("type", {}).get("enum")
            for kind in kinds or ():
                self._by_type.setdefault(kind, []).append(member)
            if not kinds:
                self._other.append(member)

    def accepts_constant(self, instance: Any) -> bool:
        """Whether all members are constants and this is one of them."""
        return isinstance(instance, (str, int)) and (type(instance), instance) in self._constants

    def candidates(self, instance: Any) -> list[Schema]:
        """The members that `instance` may fit: the others all demand another `type`."""
        kind = instance.get("type") if isinstance(instance, dict) else None
        if isinstance(kind, (str, int)) and kind in self._by_type:
            return self._by_type[kind] + self._other
        return self._members
