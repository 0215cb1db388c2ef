"""A server's lists: whole words in every disguise, phrases, RE2 patterns, and what is allowed."""

from __future__ import annotations

import pytest

from core.errors import BadOption
from core.wordlist import Effect, Rule, RuleKind, WordList, check_rule
from tests.core.work import calls


def deny(text: str, kind: RuleKind = RuleKind.WORDS) -> Rule:
    return Rule(effect=Effect.DENY, kind=kind, text=text)


def allow(text: str, kind: RuleKind = RuleKind.WORDS) -> Rule:
    return Rule(effect=Effect.ALLOW, kind=kind, text=text)


def pattern(text: str) -> Rule:
    return deny(text, RuleKind.PATTERN)


@pytest.mark.parametrize(
    "prompt",
    ["an ass", "Ass!", "a$s", "4ss", "a-s-s", "a_s_s", "a s s", "a\u200bss", "\u0430ss", "ａｓｓ", "𝒶𝓈𝓈",
     "ᴀꜱꜱ", "🅰🆂🆂", "áss", "(ass:1.3)", "[ass]", "as­s"],
)  # fmt: skip
def test_a_word_is_found_in_its_disguises(prompt: str) -> None:
    assert WordList([deny("ass")]).denied([prompt]) == "ass"


@pytest.mark.parametrize("prompt", ["class", "a classic assassin", "brass", "as soon", "", "asses", "bass"])
def test_a_word_leaves_others_alone(prompt: str) -> None:
    assert WordList([deny("ass")]).denied([prompt]) is None


@pytest.mark.parametrize(
    ("term", "prompt"),
    [
        ("red fox", "the (red:1.2) FOX, running"),
        ("b00bs", "boobs"),
        ("b00bs", "B00BS"),
        ("1488", "number 1488"),
        ("Дом", "старый дом"),
        ("裸", "赤い裸の人"),
        ("子供", "裸の子供"),
        ("l'été", "L’ETE"),
    ],
)
def test_terms_of_all_kinds(term: str, prompt: str) -> None:
    check_rule(deny(term))
    assert WordList([deny(term)]).denied([prompt]) is not None


def test_words_that_are_no_neighbours_are_no_phrase() -> None:
    words = WordList([deny("red fox")])
    assert words.denied(["a red house and a fox"]) is None
    assert words.denied(["a red", "fox"]) is None and words.denied([""], ["red", "fox"]) is None
    assert words.denied(["a red fox"]) == "red fox"


def test_what_is_allowed_is_taken_out_first() -> None:
    rules = WordList(
        [deny("cock"), pattern("kill.*"), allow("cock tail"), allow("kill(joy)?s?", RuleKind.PATTERN)]
    )
    assert rules.denied(["a cock tail"]) is None and rules.denied(["killjoys kill killjoy"]) is None
    assert rules.denied(["a cock tail for a cock"]) == "cock"
    assert rules.denied(["a killer"]) == "killer"


def test_patterns_fit_whole_words() -> None:
    rules = WordList([pattern("gr[ae]y|colou?r blind")])
    assert rules.denied(["GREY, thing"]) == "grey" and rules.denied(["gr3y"]) == "grey"
    assert rules.denied(["a (color) blind fox"]) == "color blind"
    assert rules.denied(["greyish"]) is None


@pytest.mark.parametrize(
    "text", ["(?=a)b", "a(?<!b)", r"(a)\1", "a)|(b", "[", "a{2000}", "(a{100}){100}", "a*", "x" * 201]
)
def test_patterns_that_re2_cannot_take_are_refused_with_the_reason(text: str) -> None:
    with pytest.raises(BadOption, match="pattern") as refused:
        check_rule(pattern(text))
    assert len(refused.value.allowed) > 20


@pytest.mark.parametrize("text", ["", "!?", "x" * 101])
def test_terms_that_say_nothing_or_too_much_are_refused(text: str) -> None:
    with pytest.raises(BadOption, match="words"):
        check_rule(deny(text))


def test_hostile_patterns_end_on_hostile_prompts() -> None:
    """An engine that tries one way after the other would be at it for ages."""
    hostile = WordList([pattern("(a+)+b"), pattern("(a|a)*c"), pattern("(.*){10}d")])
    assert hostile.denied(["a" * 6000]) is None
    assert hostile.denied(["a " * 3000]) is None


def test_the_length_of_a_list_is_no_work_for_a_prompt() -> None:
    short, long = (WordList([deny(f"word{number}") for number in range(count)]) for count in (10, 10_000))
    prompt = ["a red fox " * 300]
    assert short.denied(prompt) is None, "and what is made at first use is there"
    assert calls(lambda: long.denied(prompt)) == calls(lambda: short.denied(prompt))
