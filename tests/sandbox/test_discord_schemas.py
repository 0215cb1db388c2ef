"""The compiled schema checks give the verdicts that plain jsonschema gives, and say what is wrong."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sandbox.schemas import Checker
from sandbox.settings import Settings

BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
ROW = {"type": 1, "components": [BUTTON]}
BUTTON_SENT = "$.components[0].components[0]"
MENU = {"type": 3, "custom_id": "m", "options": [{"label": "a", "value": "a"}]}
BODIES: list[tuple[str, Any]] = [
    ("MessageCreateRequest", {"content": "hi", "components": [ROW], "nonce": "1"}),
    ("MessageCreateRequest", {"content": "hi", "components": [ROW | {"components": [MENU]}]}),
    ("MessageCreateRequest", {"content": 5}),
    ("MessageCreateRequest", {"components": [ROW | {"components": [BUTTON | {"style": 9}]}]}),
    ("MessageCreateRequest", {"components": [ROW | {"components": [BUTTON | {"label": "x" * 81}]}]}),
    ("MessageCreateRequest", {"components": [BUTTON]}),
    ("MessageCreateRequest", {"components": [{"type": 99}]}),
    ("MessageCreateRequest", {"components": [{}]}),
    ("MessageCreateRequest", {"nonce": None, "embeds": [{"title": "x", "color": 1 << 25}]}),
    ("ApplicationCommandUpdateRequest", {"name": "a", "type": 1, "options": [{"type": 3}]}),
    ("ApplicationCommandUpdateRequest", {"name": "a", "type": True}),
    ("ApplicationCommandUpdateRequest", {"name": "a", "type": None, "contexts": [0, 1]}),
    ("ApplicationCommandUpdateRequest", {"name": "a", "contexts": [7]}),
    (
        "ModalInteractionCallbackRequest",
        {"type": 9, "data": {"custom_id": "a", "title": "b", "components": [ROW]}},
    ),
]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """Discord's API description."""
    path = Settings().openapi
    if not path.exists():
        pytest.skip("Discord's API description is not here; DISCORD_OPENAPI names it")
    return dict(json.loads(path.read_text()))


@pytest.fixture(scope="module")
def plain(description: dict[str, Any]) -> Draft202012Validator:
    """jsonschema's own validator; its references are resolved within the description."""
    return Draft202012Validator(description)


@pytest.mark.parametrize(("name", "body"), BODIES)
def test_the_verdict_is_that_of_jsonschema(
    description: dict[str, Any], plain: Draft202012Validator, name: str, body: Any
) -> None:
    reference = {"$ref": f"#/components/schemas/{name}"}
    compiled = Checker(description["components"]["schemas"]).check(reference)
    assert (compiled.misfit(body) is None) == plain.evolve(schema=reference).is_valid(body)


@pytest.mark.parametrize(
    ("body", "where", "says"),
    [
        ({"content": 5}, "$.content", "5 is not of type"),
        (
            {"components": [ROW | {"components": [BUTTON | {"label": "x" * 81}]}]},
            BUTTON_SENT + ".label",
            "80",
        ),
        (
            {"components": [ROW | {"components": [BUTTON | {"style": 9}]}]},
            BUTTON_SENT + ".style",
            "9 is not valid",
        ),
        ({"components": [{"type": 99}]}, "$.components[0]", "99"),
    ],
)
def test_what_is_wrong_is_said_of_the_member_that_was_meant(
    description: dict[str, Any], body: Any, where: str, says: str
) -> None:
    reference = {"$ref": "#/components/schemas/MessageCreateRequest"}
    misfit = Checker(description["components"]["schemas"]).check(reference).misfit(body)
    assert misfit is not None
    assert misfit.where == where and says in misfit.message
