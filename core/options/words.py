"""The words of an order: the prompt with its flags, what to leave out, and the style around them."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BadOption
from core.options.checks import named
from core.prompt_flags import ParsedPrompt, parse_prompt, without_flags
from core.request import Request
from core.stages import MAX_PROMPT_CHARACTERS, EncodeText
from core.styles import STYLES
from core.text import clean_text, is_blank


@dataclass(frozen=True, kw_only=True)
class Words:
    """What was typed, read."""

    #: As it was typed, cleaned.
    typed: str
    flags: ParsedPrompt
    #: Name of the style that wraps them.
    style: str | None
    #: Prompt and negative prompt with the style around them.
    text: EncodeText


def read_words(prompt: str, *, negative: str | None, style: str | None) -> Words:
    """Clean the words, take their flags out and wrap them in the style; `--no` adds to `negative`.

    Raises:
        BadOption: there is nothing to draw, too much of it, or no such flag or style.
    """
    typed = clean_text("prompt", prompt, limit=MAX_PROMPT_CHARACTERS)
    flags = parse_prompt(typed)
    if is_blank(flags.prompt):
        raise BadOption("prompt", flags.prompt, "say what the picture shows, like `a red fox in the snow`.")
    negatives = ", ".join(text for text in (negative, flags.negative) if text)
    wished, unwished = flags.prompt, clean_text("negative", negatives, limit=MAX_PROMPT_CHARACTERS)
    chosen = named("style", style, STYLES) if style and style.strip() else None
    if chosen is not None:
        wished, unwished = STYLES[chosen].wrap(wished, unwished)
    return Words(
        typed=typed,
        flags=flags,
        style=chosen,
        text=EncodeText(prompt=wished, negative_prompt=unwished),
    )


def words_to_edit(request: Request) -> tuple[str, str]:
    """Prompt and negative prompt as a person would type them: without flags, and without the style."""
    style = STYLES.get(request.style or "")
    negative = request.text.negative_prompt
    return without_flags(request.typed_prompt), style.without(negative) if style else negative
