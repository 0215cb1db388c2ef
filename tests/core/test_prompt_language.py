"""The prompt language: what each mark means, that plain text stays plain, that hostile text is no work."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadOption
from core.prompt.adapters import take_adapters
from core.prompt.limits import MAX_READINGS, MAX_WEIGHT
from core.prompt.parse import parse
from core.prompt.reading import Piece, reading_at, readings
from core.prompt.spoken import spoken
from core.prompt.tree import MAX_DEPTH, Text
from core.prompt.wildcards import draw
from core.prompt.words import possible_words
from core.stages import EncodeText
from tests.core.hostile import HOSTILE
from tests.core.work import calls


def said(text: str, step: int = 0, steps: int = 10) -> list[list[tuple[str, float]]]:
    """Words and weights, rounded, in runs between BREAKs."""
    reading = reading_at(parse(text, drawn=True), step, steps)
    return [[(piece.text.strip(), round(piece.weight, 4)) for piece in run] for run in reading]


def words_at(text: str, steps: int) -> list[str]:
    """What is read at each step, its pieces in one."""
    found = readings(parse(text, drawn=True), steps)
    return [" ".join("".join(piece.text for run in one for piece in run).split()) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox", [("a fox", 1)]),
        ("a (red:1.3) fox", [("a", 1), ("red", 1.3), ("fox", 1)]),
        ("(red)", [("red", 1.1)]),
        ("((red))", [("red", 1.21)]),
        ("[red]", [("red", 0.9091)]),
        ("(a (red:1.5) fox:0.8)", [("a", 0.8), ("red", 1.2), ("fox", 0.8)]),
        ("(red: 1.3 )", [("red", 1.3)]),
        ("(red:-0.5)", [("red", -0.5)]),
        ("(red)(fox)", [("redfox", 1.1)]),
        ("(a [b|c]:1.2)", [("a b", 1.2)]),
    ],
)
def test_weights(text: str, expected: list[tuple[str, float]]) -> None:
    assert said(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text:0.95 other:0.85", [("text", 0.95), ("other", 0.85)]),
        ("a castle, at night:0.9, a fox", [("a castle, at night", 0.9), (", a fox", 1)]),
        ("a (red) fox:0.5", [("a", 0.5), ("red", 0.55), ("fox", 0.5)]),
        ("(a fox):.5 snow", [("a fox", 0.55), ("snow", 1)]),
    ],
)
def test_a_decimal_behind_a_phrase_is_the_weight_of_all_of_it(
    text: str, expected: list[tuple[str, float]]
) -> None:
    assert said(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "16:9", "at 12:30", "castle:2", "John 3:16", "a: 0.5", "1:1.5", "fox :0.5", "f:0.5x", "f:2.8",
        "a:0.5:b", "https://example.org:0", "cat:", ":0.9 cat", "time 10:0.5",
    ],
)  # fmt: skip
def test_other_colons_are_text(text: str) -> None:
    assert parse(text).nodes == (Text(text=text),)


def test_a_phrase_reaches_back_to_a_break() -> None:
    assert said("a BREAK b:0.5 c") == [[("a", 1)], [("b", 0.5), ("c", 1)]]
    assert said("a (b BREAK c:1.5)") == [[("a", 1), ("b", 1.5)], [("c", 1.5)]]
    assert said("BREAKING a break") == [[("BREAKING a break", 1)]]


def test_escapes_are_letters() -> None:
    text = r"\(a\) \[b\] \{c\|d\} e\:0.5 \\ \<lora:x:1> f\g"
    assert parse(text).nodes == (Text(text=r"(a) [b] {c|d} e:0.5 \ <lora:x:1> f\g"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a:b:0.5]", "a a b b"),
        ("[a:b:0.3]", "a b b b"),
        ("[a:b:3]", "a a a b"),
        ("[a:b:0]", "b b b b"),
        ("[a:b:1.0]", "a a a a"),
        ("[a:b:9]", "a a a a"),
        ("x[a::0.5]", "xa xa x x"),
        ("x[:b:0.5]", "x x xb xb"),
        ("x[b:0.5]", "x x xb xb"),
        ("[a|b]", "a b a b"),
        ("[a|b|c]", "a b c a"),
        ("[[a|b]:c:0.5]", "a b c c"),
        ("[12:30:night:0.5]", "12:30 12:30 night night"),
    ],
)
def test_what_is_read_changes_with_the_steps(text: str, expected: str) -> None:
    assert words_at(text, 4) == expected.split()


@settings(deadline=None)
@given(HOSTILE, st.integers(1, 12))
def test_readings_are_what_is_read_at_each_step(text: str, steps: int) -> None:
    try:
        prompt = parse(text, drawn=True)
    except BadOption:
        return
    assert readings(prompt, steps) == tuple(reading_at(prompt, step, steps) for step in range(steps))


@pytest.mark.parametrize("text", ["a (fox", "fox)", "[a", "a ((fox)", "(a [b)", ":) a fox"])
def test_brackets_without_a_partner_are_text_and_the_member_is_told(text: str) -> None:
    prompt = parse(text)
    assert "".join(piece.text for piece in reading_at(prompt, 0, 1)[0]).count("fox") == text.count("fox")
    assert prompt.remark is not None and "counts as text" in prompt.remark


@pytest.mark.parametrize("text", ["()", "[]", "{}", "{prompt}", "(:1.3)", "a | b", "(a|b)"])
def test_brackets_that_mean_nothing_are_text_without_a_word(text: str) -> None:
    prompt = parse(text)
    assert prompt.remark is None
    assert "".join(piece.text for piece in reading_at(prompt, 0, 1)[0]) == text.strip(
        "()" if "a|b" in text else ""
    )


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="()[]{}|:\\<")).filter(lambda text: "BREAK" not in text))
def test_plain_text_stays_plain(text: str) -> None:
    prompt = parse(text)
    assert prompt.nodes == ((Text(text=text),) if text else ())
    assert readings(prompt, 3) == ((((Piece(text=text),) if text else ()),),) * 3
    assert draw(text, seed=1, side="prompt") == text and take_adapters(text) == (text, ())


@settings(deadline=None)
@given(HOSTILE)
def test_nothing_but_a_refusal_is_ever_raised(text: str) -> None:
    try:
        words = spoken(EncodeText(prompt=text, negative_prompt=text), 7)
        readings(words.prompt, 30)
        possible_words(parse(text))
        take_adapters(text, ["ink"])
    except BadOption as refused:
        assert refused.allowed


@pytest.mark.parametrize(
    "text",
    [
        "(" * 12000,
        ")" * 12000,
        "(" * 6000 + ")" * 6000,
        "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH,
        "([{" * 4000,
        "(a)" * 4000,
        "{a|b}" * 2400,
        "{a|b} " * 2000,
        "[a|b]" * 2400,
        "[a:b:0.5]" * 1300,
        "a:0.9 " * 2000,
        "{" * 30 + "(a)" * 3900 + "|b}" * 30,
        "{a|b}" * 8 + "(a)" * 3900,
        "\\" * 12000,
        "<lora:" * 2000,
        ":" * 12000,
    ],
)
def test_hostile_text_is_little_work(text: str) -> None:
    def read() -> None:
        try:
            words = spoken(EncodeText(prompt=text), 7)
            readings(words.prompt, 150)
            possible_words(parse(text))
        except BadOption as refused:
            assert refused.option in ("prompt", "weight")

    # Work grows with the text alone: at most so many calls a character, up to 142 when this was written.
    assert calls(read) < 200 * len(text)


def test_what_is_too_much_is_refused_with_the_limit() -> None:
    refusals = {
        "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1): f"up to {MAX_DEPTH} deep",
        "(a:11)": f"to {MAX_WEIGHT:g}",
        "((a:5):3)": f"to {MAX_WEIGHT:g}",
        "[a:b:1.3]": "(word:1.3)",
        "[a:b:1]" * MAX_READINGS: f"up to {MAX_READINGS} texts",
        "[a|b|c|d|e|f|g][a|b|c|d|e|f|g|h|i|j|k]": f"up to {MAX_READINGS} texts",
        "<lora:>": "<lora:name:0.8>",
        "<lora:ink:much>": "<lora:name:0.8>",
    }
    for text, limit in refusals.items():
        with pytest.raises(BadOption) as caught:
            parse(text)
        assert limit in caught.value.allowed
