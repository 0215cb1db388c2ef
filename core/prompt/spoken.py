"""What one image's text stage says: its choices drawn from the image's seed, and parsed."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BadOption
from core.prompt.parse import parse
from core.prompt.tree import Prompt
from core.prompt.wildcard_files import wildcards_in
from core.prompt.wildcards import draw
from core.stages import EncodeText
from core.words import _


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A text stage as one image says it."""

    #: The texts with their choices drawn.
    prompt_text: str
    negative_text: str
    prompt: Prompt
    negative: Prompt
    clip_skip: int


def spoken(stage: EncodeText, seed: int) -> Spoken:
    """The stage's words for the image of this seed. Raises BadOption."""
    prompt = draw(stage.prompt, seed=seed, side="prompt")
    negative = draw(stage.negative_prompt, seed=seed, side="negative")
    return Spoken(
        prompt_text=prompt,
        negative_text=negative,
        prompt=parse(prompt, drawn=True),
        negative=parse(negative, drawn=True),
        clip_skip=stage.clip_skip,
    )


def remark_on(stage: EncodeText) -> str | None:
    """What of the stage's words was not taken as a mark of the language, for the member."""
    try:
        remark = parse(stage.prompt).remark or parse(stage.negative_prompt).remark
    except BadOption:
        # An order from before a limit was set.
        return None
    # Where there are files, each wildcard was filled, or refused.
    unfilled = wildcards_in(stage.prompt) or wildcards_in(stage.negative_prompt)
    if remark is None and unfilled:
        return _("There are no wildcard files here, so `{wildcard}` counts as text.", wildcard=unfilled[0])
    return remark
