"""The tokenizer and the text encoder: CLIP's formats, the grammar's words.

Every word of the grammar is one token; any other text falls apart into bytes, so that no prompt is an error.
"""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

LENGTH = 77
"""Tokens in a prompt, the two marks and the padding included."""
WIDTH = 128
"""Numbers that the text encoder says about a token."""
START, END = "<|startoftext|>", "<|endoftext|>"


def write_vocabulary(sentences: list[str], folder: Path) -> None:
    """Learn a byte-level BPE from sentences and write ``vocab.json`` and ``merges.txt`` as CLIP does."""
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer = normalizers.Lowercase()
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[a-z]+|[0-9]|[^\sa-z0-9]+"), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=2000,
        min_frequency=20,
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    bpe.train_from_iterator(sentences, trainer)
    learnt = json.loads(bpe.to_str())["model"]["merges"]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in learnt]
    words = [*alphabet, *(letter + "</w>" for letter in alphabet)]
    words += dict.fromkeys(w for w in (m.replace(" ", "") for m in merges) if w not in set(words))
    folder.mkdir(parents=True, exist_ok=True)
    numbers = {word: i for i, word in enumerate([*words, START, END])}
    (folder / "vocab.json").write_text(json.dumps(numbers, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")


def tokenizer(folder: Path) -> CLIPTokenizer:
    """CLIP's tokenizer over the vocabulary in `folder`."""
    return CLIPTokenizer(
        vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), model_max_length=LENGTH
    )


def text_encoder(words: CLIPTokenizer, layers: int = 3) -> CLIPTextModel:
    """An untrained text encoder for those words."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(words),
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            projection_dim=WIDTH,
            num_hidden_layers=layers,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=words.bos_token_id,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
        )
    )
