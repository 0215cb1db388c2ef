"""Flags in a prompt are found, and what is no flag stays in the prompt."""

from __future__ import annotations

import pytest

from core.errors import BadOption
from core.prompt_flags import ParsedPrompt, parse_prompt, without_flag


def test_each_flag_is_read_in_any_order() -> None:
    parsed = parse_prompt("a fox --no snow --steps 30 --ar 16:9 --seed 5")
    assert parsed == ParsedPrompt(prompt="a fox", aspect="16:9", seed="5", steps="30", negative="snow")


@pytest.mark.parametrize("dash", ["--", "—", "–"])
def test_a_dash_that_a_phone_typed_counts(dash: str) -> None:
    assert parse_prompt(f"a fox {dash}SEED 5").seed == "5"


@pytest.mark.parametrize(
    "prompt", ["a black-and-white fox", "fox — in the snow", "fox—red", "a -- b", "well--known", "a --> b"]
)
def test_other_dashes_stay_in_the_prompt(prompt: str) -> None:
    assert parse_prompt(prompt) == ParsedPrompt(prompt=prompt)


def test_unknown_flags_are_all_named() -> None:
    with pytest.raises(BadOption) as caught:
        parse_prompt("a fox --stylize 100 --ar 1:1 --v 6")
    assert caught.value.value == "--stylize --v"
    assert "--ar 16:9" in caught.value.allowed


@pytest.mark.parametrize(("prompt", "option"), [("a --seed", "--seed"), ("a --ar 1:1 --ar 2:1", "--ar")])
def test_missing_and_repeated_values_are_refused(prompt: str, option: str) -> None:
    with pytest.raises(BadOption) as caught:
        parse_prompt(prompt)
    assert caught.value.option == option


def test_a_flag_can_be_taken_out_and_the_others_stay() -> None:
    text = "a fox --no snow --Steps 30 —ar 16:9"
    assert without_flag(text, "steps") == "a fox --no snow —ar 16:9"
    assert without_flag("a fox --steps 30", "steps") == "a fox" == without_flag("a fox", "steps")
