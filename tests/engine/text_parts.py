"""The tiny model's text encoder, used by the engine and by hand."""

from __future__ import annotations

from pathlib import Path

import torch

from core.prompt.spoken import spoken
from core.stages import EncodeText
from models.engine.clip import ClipEncoder
from models.engine.inversion import Inversion
from models.engine.prompts import TextEmbeddings
from models.engine.text import PromptEncoder, TextSchedule


class Parts:
    """The tiny model's tokenizer and text encoder, and text encoded with them by hand."""

    def __init__(self, folder: Path) -> None:
        from transformers import CLIPTextModel, CLIPTokenizer

        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        self.text_encoder = CLIPTextModel.from_pretrained(folder / "text_encoder").eval()

    def schedule(
        self,
        prompt: str,
        negative: str = "",
        *,
        inversions: tuple[Inversion, ...] = (),
        clip_skip: int = 1,
        guided: bool = True,
        seed: int = 0,
    ) -> TextSchedule:
        encoder = PromptEncoder(ClipEncoder(self.tokenizer, self.text_encoder))
        stage = EncodeText(prompt=prompt, negative_prompt=negative, clip_skip=clip_skip)
        return encoder.encode_prompts(spoken(stage, seed), guided, inversions)

    def first(self, prompt: str, negative: str = "", **options) -> TextEmbeddings:
        return self.schedule(prompt, negative, **options).at(0, 1)

    def letters(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False).input_ids

    def stock(self, text: str) -> torch.Tensor:
        """As the stock pipeline does: (1, 77, 32)."""
        tokens = self.tokenizer(
            text, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
        )
        return self.text_encoder(tokens.input_ids)[0]

    def by_hand(self, tokens: list[int]) -> torch.Tensor:
        """One chunk of up to 75 tokens: (1, 77, 32)."""
        mark, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        ids = [mark, *tokens, *[end] * (76 - len(tokens))]
        return self.text_encoder(torch.tensor([ids]))[0]
