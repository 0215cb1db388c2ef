"""Rules about commands and models, by role and channel, hold for every order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from actions.access import clear_rule, rules_here, set_rule
from actions.draw import draw
from actions.new_seed import new_seed
from actions.rerun import rerun
from actions.studio import Studio
from core.access import AccessRule, Place, Subject
from core.errors import BadOption, NotAllowed, NotFound
from core.inputs import keep_input
from core.options.grid import GridOptions
from core.options.img2img import Img2ImgOptions
from core.wordlist import Effect
from tests.actions.people import ADMIN, ANA, BEN, ELSEWHERE, MODERATOR, asked, make

ROLE, OTHER_ROLE = 70, 71
HERE, THERE = ANA.channel_id, 21


def rule(
    name: str = "imagine", *, effect: str = "deny", role: int | None = None, channel: int = HERE
) -> AccessRule:
    """About a model where its name says so."""
    return AccessRule(
        subject=Subject.MODEL if name == "starter" else Subject.COMMAND,
        name=name,
        effect=Effect(effect),
        place=Place.CHANNEL if role is None else Place.ROLE,
        place_id=channel if role is None else role,
    )


@pytest.mark.parametrize("name", ["imagine", "starter"])
def test_a_denied_channel_or_role_stops_every_order(studio: Studio, name: str) -> None:
    first = make(studio)
    holder = replace(BEN, role_ids=frozenset([ROLE]))
    set_rule(studio, ADMIN, rule(name, role=ROLE))
    for order in (
        lambda: make(studio, holder),
        lambda: rerun(studio, holder, asked(), first.id),
        lambda: new_seed(studio, holder, asked(), first.id),
    ):
        with pytest.raises(NotAllowed, match="with the roles"):
            order()
    make(studio)
    set_rule(studio, ADMIN, rule(name))
    for person in (ANA, replace(ANA, channel_id=99, parent_id=HERE), ADMIN):
        with pytest.raises(NotAllowed, match="in this channel"):
            rerun(studio, person, asked(), first.id)
    make(studio, replace(ANA, channel_id=THERE))
    make(studio, replace(ANA, guild_id=11))
    clear_rule(studio, ADMIN, rule(name))
    make(studio)


def test_where_something_is_allowed_one_of_it_is_needed(studio: Studio) -> None:
    for role in (ROLE, OTHER_ROLE):
        set_rule(studio, ADMIN, rule("starter", effect="allow", role=role))
    set_rule(studio, ADMIN, rule("starter", effect="allow", channel=THERE))
    with pytest.raises(NotAllowed):
        make(studio)
    holder = replace(ANA, role_ids=frozenset([OTHER_ROLE]))
    with pytest.raises(NotAllowed):
        make(studio, holder)
    make(studio, replace(holder, channel_id=THERE))
    set_rule(studio, ADMIN, rule("starter", role=OTHER_ROLE))
    with pytest.raises(NotAllowed, match="with the roles"):
        make(studio, replace(holder, channel_id=THERE, role_ids=frozenset([ROLE, OTHER_ROLE])))


def test_a_way_to_draw_is_known_by_what_it_does(studio: Studio) -> None:
    given = keep_input(studio.storage, Image.new("RGB", (64, 64), "blue"))
    options = {
        "img2img": Img2ImgOptions(prompt="a fox", image=given),
        "grid": GridOptions(prompt="a fox", x="steps 1, 2", y=""),
    }
    for name, wishes in options.items():
        set_rule(studio, ADMIN, rule(name))
        with pytest.raises(NotAllowed, match=f"/{name}"):
            draw(studio, ANA, asked(), wishes)
    make(studio)
    set_rule(studio, ADMIN, rule())
    clear_rule(studio, ADMIN, rule("img2img"))
    draw(studio, ANA, asked(), options["img2img"])


def test_only_managers_set_rules(studio: Studio) -> None:
    set_rule(studio, ADMIN, rule("grid"))
    for person in (ANA, MODERATOR, ELSEWHERE, replace(ANA, guild_id=None)):
        with pytest.raises(NotAllowed):
            set_rule(studio, person, rule())
        with pytest.raises(NotAllowed):
            clear_rule(studio, person, rule("grid"))
    assert rules_here(studio, ANA) == [rule("grid")]
    set_rule(studio, ADMIN, rule("grid", effect="allow"))
    assert rules_here(studio, ANA) == [rule("grid", effect="allow")]
    with pytest.raises(BadOption, match="img2img"):
        set_rule(studio, ADMIN, rule("history"))
    with pytest.raises(NotFound):
        clear_rule(studio, ADMIN, rule())
