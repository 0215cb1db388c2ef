"""The words of an order: the prompt with its flags, what to leave out, and the style around them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.errors import BadOption
from core.options.checks import named
from core.prompt.adapters import take_adapters
from core.prompt.parse import parse
from core.prompt.words import possible_words
from core.prompt_flags import ParsedPrompt, parse_prompt, without_flags
from core.request import Adapter, Request
from core.stages import MAX_PROMPT_CHARACTERS, EncodeText
from core.styles import STYLES, Style
from core.text import clean_text, is_blank
from core.words import _


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
    #: LoRAs that the prompt named.
    adapters: tuple[Adapter, ...] = ()


def read_words(
    prompt: str,
    *,
    negative: str | None,
    style: str | None,
    styles: Mapping[str, Style] = STYLES,
    loras: Collection[str] | None = None,
    needed: bool = True,
) -> Words:
    """Clean the words, take flags and LoRAs out and wrap them in the style; `--no` adds to `negative`.

    Args:
        styles: those that there are, by name.
        loras: names of the LoRAs that there are; None takes any name.
        needed: whether a blank prompt is refused.

    Raises:
        BadOption: there is nothing to draw, too much of it, or no such flag, style or LoRA.
    """
    typed = clean_text("prompt", prompt, limit=MAX_PROMPT_CHARACTERS)
    flags = parse_prompt(typed)
    wished, adapters = take_adapters(flags.prompt, loras)
    if needed and all(map(is_blank, possible_words(parse(wished)))):
        raise BadOption(
            "prompt", flags.prompt, _("say what the picture shows, like `a red fox in the snow`.")
        )
    negatives = ", ".join(text for text in (negative, flags.negative) if text)
    unwished = clean_text("negative", negatives, limit=MAX_PROMPT_CHARACTERS)
    if take_adapters(unwished)[1]:
        raise BadOption(
            "negative", unwished, _("a LoRA goes into the prompt; a weight below 0 turns it round.")
        )
    chosen = named("style", style, styles) if style and style.strip() else None
    if chosen is not None:
        wished, unwished = styles[chosen].wrap(wished, unwished)
    return Words(
        typed=typed,
        flags=flags,
        style=chosen,
        text=EncodeText(prompt=wished, negative_prompt=unwished),
        adapters=adapters,
    )


def words_to_edit(request: Request, styles: Mapping[str, Style] = STYLES) -> tuple[str, str]:
    """Prompt and negative prompt as a person would type them: without flags, and without the style."""
    style = styles.get(request.style or "")
    negative = request.text.negative_prompt
    return without_flags(request.typed_prompt), style.without(negative) if style else negative
