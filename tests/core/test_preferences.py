"""Settings: which is heeded, what will do, and how options that were left out are filled in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import BadOption
from core.options.defaults import with_defaults
from core.options.imagine import ImagineOptions
from core.preferences import Level, Preference, Setting, heeded, read_setting
from tests.core.test_options import SPEC


def mine(**values: str) -> dict[Setting, Preference]:
    return {Setting(name): Preference(value=value, level=Level.MEMBER) for name, value in values.items()}


def test_the_member_is_heeded_first_then_the_channel_then_the_server() -> None:
    found = heeded(
        {
            Level.SERVER: {"steps": "1", "count": "1", "style": "anime"},
            Level.CHANNEL: {"steps": "2", "count": "2"},
            Level.MEMBER: {"steps": "3", "unknown": "x"},
        }
    )
    assert found == {
        Setting.STYLE: Preference(value="anime", level=Level.SERVER),
        Setting.COUNT: Preference(value="2", level=Level.CHANNEL),
        Setting.STEPS: Preference(value="3", level=Level.MEMBER),
    }


@pytest.mark.parametrize(
    ("setting", "typed", "kept"),
    [
        (Setting.STYLE, " ANIME ", "anime"),
        (Setting.SAMPLER, "euler A", "Euler a"),
        (Setting.GUIDANCE, "7,50", "7.5"),
        (Setting.PRIVATE, "Yes", "yes"),
        (Setting.SIZE, " 3:2 ", "3:2"),
        (Setting.LANGUAGE, "DE", "de"),
    ],
)
def test_values_are_kept_in_one_form(setting: Setting, typed: str, kept: str) -> None:
    assert read_setting(setting, typed, [SPEC]) == kept


@pytest.mark.parametrize(
    ("setting", "typed"),
    [
        (Setting.STYLE, "none"),
        (Setting.COUNT, "0"),
        (Setting.STEPS, "1000000"),
        (Setting.GUIDANCE, "nan"),
        (Setting.SIZE, "1x1"),
        (Setting.LANGUAGE, "../de"),
    ],
)
def test_values_that_will_not_do_are_refused(setting: Setting, typed: str) -> None:
    with pytest.raises(BadOption):
        read_setting(setting, typed, [SPEC])


def test_only_what_was_left_out_is_filled_in() -> None:
    preferred = mine(steps="9", count="3", size="3:2", style="anime", guidance="4")
    options, passed_over = with_defaults(
        ImagineOptions(prompt="a fox --steps 7", size="512x512", guidance=2.0), preferred, [SPEC]
    )
    assert passed_over == []
    assert (options.steps, options.size, options.aspect) == (None, "512x512", None)
    assert (options.count, options.style, options.guidance) == ("3", "anime", 2.0)


def test_what_the_model_does_not_draw_is_passed_over_and_the_rest_is_heeded() -> None:
    small = replace(SPEC, name="small", max_side=SPEC.native_side)
    preferred = mine(model="gone", size=f"{2 * SPEC.native_side}x{2 * SPEC.native_side}", count="2")
    options, passed_over = with_defaults(ImagineOptions(prompt="a fox"), preferred, [small])
    assert passed_over == [Setting.MODEL, Setting.SIZE]
    assert (options.model, options.size, options.count) == (None, None, "2")


def test_options_that_will_not_do_are_left_as_they_are() -> None:
    wrong = ImagineOptions(prompt="a fox", steps="many")
    assert with_defaults(wrong, mine(count="2"), [SPEC]) == (wrong, [])
