"""A server's filter holds on every path by which words enter, and is its moderators' alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from actions.audit import audit
from actions.new_seed import new_seed
from actions.person import Person
from actions.prompt_filter import add, remove, rules
from actions.remix import remix
from actions.rerun import rerun
from actions.studio import Studio
from core.addon_spec import AddonKind, AddonSpec
from core.errors import BadOption, NotAllowed, NotFound
from core.styles import STYLES
from core.text import listed
from core.wordlist import MAX_PATTERNS, Effect, Rule, RuleKind
from db.addons import register_addons
from tests.actions.people import ANA, BEN, ELSEWHERE, MODERATOR, asked, make


def deny(*texts: str, kind: RuleKind = RuleKind.WORDS) -> list[Rule]:
    return [Rule(effect=Effect.DENY, kind=kind, text=text) for text in texts]


def test_a_denied_word_is_refused_on_every_path(studio: Studio) -> None:
    earlier = make(studio, prompt="a wolf")
    innocent = make(studio, prompt="a fox")
    assert add(studio, MODERATOR, deny("wolf", "red fox")) == 2
    paths: list[Callable[[], object]] = [
        lambda: make(studio, prompt="a w0lf"),
        lambda: make(studio, prompt="a {wo|x}lf"),
        lambda: make(studio, prompt="a {red|red} fox"),
        lambda: rerun(studio, ANA, asked(), earlier.id),
        lambda: rerun(studio, BEN, asked(), earlier.id),
        lambda: rerun(studio, replace(ANA, guild_id=None), asked(), earlier.id),
        lambda: new_seed(studio, ANA, asked(), earlier.id),
        lambda: remix(studio, ANA, asked(), innocent.id, prompt="a wolf", negative=""),
    ]
    for path in paths:
        with pytest.raises(NotAllowed, match=r"prompt.*(wolf|red fox)"):
            path()
    make(studio, prompt="a wolfhound", negative="wolf")
    make(studio, replace(ANA, guild_id=11), prompt="a wolf")
    assert remove(studio, MODERATOR, ["wolf"]) == 1
    make(studio, prompt="a wolf")


def test_styles_and_adapters_speak_with_the_prompt(studio: Studio) -> None:
    lora = AddonSpec(
        kind=AddonKind.LORA,
        name="ink",
        title="Ink",
        trigger_words=("sumi",),
        architecture="sd1",
    )
    with studio.database.begin() as session:
        register_addons(session, "w", [lora])
    name, style = next(iter(STYLES.items()))
    word = next(word for word in style.prompt.replace(",", "").split() if word.isalpha() and len(word) > 4)
    make(studio, style=name)
    make(studio, prompt="a fox <lora:ink:1>")
    add(studio, MODERATOR, deny(word, "sumi"))
    with pytest.raises(NotAllowed, match=word.lower()):
        make(studio, style=name)
    with pytest.raises(NotAllowed, match="sumi"):
        make(studio, prompt="a fox <lora:ink:1>")


@pytest.mark.parametrize("person", [ANA, replace(ANA, guild_id=None)])
def test_only_moderators_touch_the_lists(studio: Studio, person: Person) -> None:
    add(studio, MODERATOR, deny("wolf"))
    for refused in (
        lambda: add(studio, person, deny("fox")),
        lambda: remove(studio, person, ["wolf"]),
        lambda: rules(studio, person),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert rules(studio, ELSEWHERE) == [] and rules(studio, MODERATOR) == deny("wolf")
    with pytest.raises(NotFound):
        remove(studio, ELSEWHERE, ["wolf"])


def test_lists_are_added_to_once_and_noted(studio: Studio) -> None:
    assert listed(" wolf，red  fox\n\n,、 bear ") == ["wolf", "red fox", "bear"]
    assert add(studio, MODERATOR, deny("wolf", "bear", "wolf")) == 2
    assert add(studio, MODERATOR, deny("wolf", "lynx")) == 1
    with pytest.raises(BadOption, match="look-ahead"):
        add(studio, MODERATOR, [*deny("hare"), *deny("(?=a)", kind=RuleKind.PATTERN)])
    with pytest.raises(BadOption, match=f"up to {MAX_PATTERNS}"):
        add(studio, MODERATOR, deny(*(f"a{n}" for n in range(MAX_PATTERNS + 1)), kind=RuleKind.PATTERN))
    assert rules(studio, MODERATOR) == deny("wolf", "bear", "lynx")
    remove(studio, MODERATOR, ["bear"])
    assert [entry.action for entry in audit(studio, MODERATOR, words="bear").entries] == [
        "filter.remove",
        "filter.add",
    ]
