"""The palette of styles that ships with Atelier. A style wraps the prompt and adds to the negative prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


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
                name="photo",
                prompt="photograph of {prompt}, natural light, sharp focus, high detail",
                negative_prompt="drawing, painting, blurry, low quality",
            ),
            Style(
                name="anime",
                prompt="anime illustration of {prompt}, clean lines, vivid colors",
                negative_prompt="photo, realistic, low quality",
            ),
            Style(
                name="watercolor",
                prompt="watercolor painting of {prompt}, soft washes, paper texture",
                negative_prompt="photo, harsh lines",
            ),
            Style(
                name="oil painting",
                prompt="oil painting of {prompt}, visible brush strokes, rich color",
                negative_prompt="photo, flat color",
            ),
            Style(
                name="line art",
                prompt="line art of {prompt}, black ink on white paper, clean outlines",
                negative_prompt="color, shading, photo",
            ),
            Style(
                name="pixel art",
                prompt="pixel art of {prompt}, crisp pixels, limited palette",
                negative_prompt="photo, blurry, smooth",
            ),
        )
    }
)
