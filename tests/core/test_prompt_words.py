"""Flags, LoRAs, style and the prompt language together, as every command reads them."""

from __future__ import annotations

import pytest

from core.errors import BadOption
from core.options.words import read_words
from core.prompt.spoken import remark_on, spoken
from core.request import Adapter, Request
from core.stages import MAX_PROMPT_CHARACTERS, EncodeText
from core.styles import STYLES


def test_flags_come_first() -> None:
    words = read_words(
        "a (fox:1.2) castle:0.9 --ar 16:9 --no (snow:1.3), ice:0.5 --steps 30", negative="[fog]", style=None
    )
    assert words.flags.aspect == "16:9" and words.flags.steps == "30"
    assert words.text == EncodeText(
        prompt="a (fox:1.2) castle:0.9", negative_prompt="[fog], (snow:1.3), ice:0.5"
    )


def test_a_style_wraps_what_is_left_once_the_loras_are_out() -> None:
    words = read_words("<lora:ink:0.5>a {red|blue} fox --seed 5", negative=None, style="photo", loras=["ink"])
    assert words.adapters == (Adapter(name="ink", weight=0.5),)
    assert words.text.prompt == STYLES["photo"].prompt.replace("{prompt}", "a {red|blue} fox")
    assert words.typed.startswith("<lora:ink:0.5>")


@pytest.mark.parametrize(
    ("prompt", "option", "words"),
    [
        ("a fox <lora:ink:5>", "weight of ink", "-4 to 4"),
        ("a fox <lora:inc:1>", "lora", "ink"),
        ("<lora:ink:1>", "prompt", "say what the picture shows"),
        ("{|}", "prompt", "say what the picture shows"),
        ("[\u200b::0.5] BREAK", "prompt", "say what the picture shows"),
        ("a fox --no <lora:ink:1>", "negative", "goes into the prompt"),
        ("(" * 10_000, "prompt", "10000 characters"),
        ("(" * 50 + "fox" + ")" * 50, "prompt", "32 deep"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(prompt: str, option: str, words: str) -> None:
    with pytest.raises(BadOption) as caught:
        read_words(prompt, negative=None, style=None, loras=["ink"])
    assert caught.value.option == option and words in caught.value.allowed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a (r\u202eed\u202c:1.3) fox\x00", "a (red:1.3) fox"),
        ("a \ud800(fox)", "a (fox)"),
        ("\u2066{a\u2069|a}", "{a|a}"),
        ("a e" + "\u0301" * 50 + ":0.5", "a é" + "\u0301" * 4 + ":0.5"),
        ("@everyone (`x`:1.1) ||[y](https://z.example)||", "@everyone (`x`:1.1) ||[y](https://z.example)||"),
    ],
)
def test_text_is_cleaned_before_its_marks_are_read(typed: str, said: str) -> None:
    words = read_words(typed, negative=None, style=None)
    assert words.text.prompt == said
    assert remark_on(words.text) is None


def test_the_longest_prompt_is_read_with_its_style() -> None:
    words = read_words("(fox:1.1) " * (MAX_PROMPT_CHARACTERS // 10), negative=None, style="anime")
    assert len(spoken(words.text, 1).prompt_text) > MAX_PROMPT_CHARACTERS - 10


def test_adapters_survive_the_request_as_json() -> None:
    request = Request(
        model="tiny",
        seed=1,
        stages=(EncodeText(prompt="{a|b}", clip_skip=2),),
        adapters=(Adapter(name="ink", weight=-0.5),),
    )
    assert Request.from_json(request.to_json()) == request


def test_an_order_that_can_no_longer_be_read_has_no_remark() -> None:
    assert remark_on(EncodeText(prompt="(a:99)")) is None
    assert "2 brackets" in (remark_on(EncodeText(prompt="fox", negative_prompt="((snow")) or "")
