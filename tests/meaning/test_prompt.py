"""The prompt language means something: twelve of the cases of `bench.meaning.prompt`."""

from __future__ import annotations

from bench.meaning.drawing import drawing
from bench.meaning.prompt import GOALS, verdicts

#: Of twelve cases chance may take so many more than of all.
_SLACK = 2 / 12


def test_the_prompt_language_moves_the_picture_as_it_says() -> None:
    with drawing() as draw:
        found = verdicts(draw, 12)
    shares = {claim: sum(holds) / len(holds) for claim, holds in found.items()}
    assert not {claim: share for claim, share in shares.items() if share < GOALS[claim] - _SLACK}, shares
