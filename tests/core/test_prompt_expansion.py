"""What a prompt becomes: choices drawn, adapters taken out, and every word that it could say."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadOption
from core.prompt.adapters import take_adapters
from core.prompt.parse import parse
from core.prompt.reading import readings
from core.prompt.tree import AdapterTag
from core.prompt.wildcards import draw
from core.prompt.words import possible_words
from core.request import Adapter
from tests.core.hostile import MARKS


def test_each_option_is_drawn_about_equally_and_the_seed_alone_decides() -> None:
    text = "a {red|green|blue} {fox|{cat|dog}}"
    drawn = [draw(text, seed=seed, side="prompt") for seed in range(3000)]
    colours = Counter(words.split()[1] for words in drawn)
    animals = Counter(words.split()[2] for words in drawn)
    assert all(900 < colours[colour] < 1100 for colour in ("red", "green", "blue"))
    assert 1400 < animals["fox"] < 1600 and 650 < animals["cat"] < 850
    # Two choices of one prompt are drawn apart.
    assert len(set(drawn)) == 9
    assert drawn == [draw(text, seed=seed, side="prompt") for seed in range(3000)]
    assert drawn != [draw(text, seed=seed, side="negative") for seed in range(3000)]


def test_the_very_options_of_some_seeds() -> None:
    """A picture of long ago draws the same again."""
    assert [draw("{a|b|c}{d|e}", seed=seed, side="prompt") for seed in (0, 1, 2**32 - 1)] == [
        "be",
        "ad",
        "ae",
    ]


def test_drawn_options_may_hold_marks() -> None:
    options = {
        draw("a (fox:{0.5|1.5}) in {(snow:1.2)|rain|}", seed=seed, side="prompt") for seed in range(99)
    }
    assert options == {
        f"a (fox:{w}) in {place}" for w in ("0.5", "1.5") for place in ("(snow:1.2)", "rain", "")
    }
    assert draw(r"\{a|b\} {c}", seed=1, side="prompt") == r"\{a|b\} {c}"


def test_adapters_are_taken_out() -> None:
    text, adapters = take_adapters(
        "a fox <lora:Ink:0.8>, (snow <lora:line>:1.2)<lyco:ink:-0.5>", ["ink", "line"]
    )
    assert text == "a fox , (snow :1.2)"
    assert adapters == (Adapter(name="ink", weight=0.8 - 0.5), Adapter(name="line", weight=1.0))


@pytest.mark.parametrize("text", ["[<lora:ink:1>:a:0.5]", "[<lora:ink:1>|a]", "{<lora:ink:1>|a}"])
def test_adapters_do_not_come_and_go(text: str) -> None:
    with pytest.raises(BadOption, match="outside the brackets"):
        take_adapters(text)


def test_unknown_adapters_are_refused_with_names_that_are_near() -> None:
    known = ["ink-wash", "watercolour", "line-art"]
    with pytest.raises(BadOption) as caught:
        take_adapters("a fox <lora:inkwash:1>", known)
    assert caught.value.option == "lora" and caught.value.value == "inkwash"
    assert "ink-wash" in caught.value.allowed and "watercolour" not in caught.value.allowed
    with pytest.raises(BadOption, match="no LoRA here yet"):
        take_adapters("a fox <lora:ink:1>", [])
    assert any(isinstance(node, AdapterTag) for node in parse("<lora:ink:1>").nodes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nu(de) art", {"nude", "art"}),
        ("{nu|x}de", {"nude", "xde"}),
        ("n[u:o:0.5]de", {"nude", "node"}),
        ("[nu|x]de", {"nude", "xde"}),
        ("nu<lora:a:1>de", {"nude"}),
        ("nu BREAK de", {"nu", "de"}),
        ("{a |}b", {"a", "b"}),
        ("(a:1.2) {b|c d}e", {"a", "be", "c", "de"}),
    ],
)
def test_every_word_that_could_be_read_is_known(text: str, words: set[str]) -> None:
    assert possible_words(parse(text)) == words


@settings(deadline=None)
@given(st.lists(st.sampled_from(MARKS), max_size=60).map("".join), st.integers(0, 2**32 - 1))
def test_no_reading_holds_a_word_that_is_not_known(text: str, seed: int) -> None:
    try:
        known = possible_words(parse(text))
        prompt = parse(draw(text, seed=seed, side="prompt"), drawn=True)
    except BadOption:
        return
    # Marks of a choice may become marks of the whole once it is drawn; the filter reads letters alone.
    letters = {"".join(filter(str.isalpha, word)) for word in known}
    for reading in readings(prompt, 6):
        for run in reading:
            said = "".join(piece.text for piece in run).split()
            assert {"".join(filter(str.isalpha, word)) for word in said} <= letters | {""}
