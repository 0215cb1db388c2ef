"""From prompts to token numbers: the tokenizer of a training folder."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from transformers import CLIPTokenizer

from models.starter import text
from models.starter.grammar import vocabulary_text


def words_of(folder: Path) -> CLIPTokenizer:
    """The tokenizer of a training folder, learnt at its first use."""
    if not (folder / "merges.txt").exists():
        text.write_vocabulary(vocabulary_text(), folder)
    return text.tokenizer(folder)


def tokens_of(words: CLIPTokenizer, prompts: list[str]) -> Tensor:
    """Token numbers, padded to 77: (n, 77)."""
    return words(
        prompts, padding="max_length", max_length=text.LENGTH, truncation=True, return_tensors="pt"
    ).input_ids
