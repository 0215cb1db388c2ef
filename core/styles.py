"""Styles: what wraps a prompt and adds to the negative prompt. A palette ships; servers add their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.errors import BadOption
from core.text import clean_text, is_blank
from core.words import N_, _

MAX_NAME_CHARACTERS = 40
MAX_STYLE_CHARACTERS = 500


@dataclass(frozen=True, kw_only=True)
class Style:
    name: str
    #: The prompt with `{prompt}` in its place.
    prompt: str
    negative_prompt: str = ""

    def wrap(self, prompt: str, negative_prompt: str) -> tuple[str, str]:
        """Prompt and negative prompt with the style around them."""
        negatives = [text for text in (negative_prompt, self.negative_prompt) if text]
        return self.prompt.replace("{prompt}", prompt), ", ".join(negatives)

    def without(self, negative_prompt: str) -> str:
        """A negative prompt that `wrap` made, as it was before."""
        return negative_prompt.removesuffix(self.negative_prompt).removesuffix(", ")


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        style.name: style
        for style in (
            Style(
                name=N_("photo"),
                prompt="photograph of {prompt}, natural light, sharp focus, high detail",
                negative_prompt="drawing, painting, blurry, low quality",
            ),
            Style(
                name=N_("anime"),
                prompt="anime illustration of {prompt}, clean lines, vivid colors",
                negative_prompt="photo, realistic, low quality",
            ),
            Style(
                name=N_("watercolor"),
                prompt="watercolor painting of {prompt}, soft washes, paper texture",
                negative_prompt="photo, harsh lines",
            ),
            Style(
                name=N_("oil painting"),
                prompt="oil painting of {prompt}, visible brush strokes, rich color",
                negative_prompt="photo, flat color",
            ),
            Style(
                name=N_("line art"),
                prompt="line art of {prompt}, black ink on white paper, clean outlines",
                negative_prompt="color, shading, photo",
            ),
            Style(
                name=N_("pixel art"),
                prompt="pixel art of {prompt}, crisp pixels, limited palette",
                negative_prompt="photo, blurry, smooth",
            ),
        )
    }
)


def palette(own: Iterable[Style]) -> Mapping[str, Style]:
    """What a server chooses from: its own styles first, which also take the place of shipped ones."""
    mine = {style.name: style for style in own}
    taken = {name.casefold() for name in mine}
    return mine | {name: style for name, style in STYLES.items() if name.casefold() not in taken}


def read_style(name: str, prompt: str, negative: str) -> Style:
    """A style as it was typed; the words that it wraps go in front where `{prompt}` is not there.

    Raises:
        BadOption: there is nothing in it, or too much.
    """
    called = " ".join(clean_text("name", name, limit=MAX_NAME_CHARACTERS).split())
    if is_blank(called):
        raise BadOption("name", name, _("give it a name, like `pencil`."))
    words = clean_text("prompt", prompt, limit=MAX_STYLE_CHARACTERS)
    rest = words.replace("{prompt}", "")
    if words.count("{prompt}") > 1 or is_blank(rest):
        allowed = _("say what goes around the prompt, like `pencil sketch of {prompt}, fine lines`.")
        raise BadOption("prompt", prompt, allowed)
    return Style(
        name=called,
        prompt=words if "{prompt}" in words else f"{{prompt}}, {words}",
        negative_prompt=clean_text("negative", negative, limit=MAX_STYLE_CHARACTERS),
    )
