"""CLIP's tokenizer, from the vocabulary that all of Stable Diffusion's text encoders were trained with.

`bpe_simple_vocab_16e6.txt.gz` is OpenAI's (MIT licence), as it lies in the `open_clip_torch` package.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

_FILE = Path(__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
#: Words of the vocabulary, the 256 bytes alone and at a word's end and the two marks included.
_WORDS = 49408


def clip_tokenizer(*, pad: str = "<|endoftext|>") -> CLIPTokenizer:
    """The tokenizer; `pad` fills a prompt up to 77 tokens: the end mark, or "!" for OpenCLIP's."""
    from transformers import CLIPTokenizer

    lines = gzip.decompress(_FILE.read_bytes()).decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : _WORDS - 2 * 256 - 2 + 1]]
    letters = _byte_letters()
    words = [*letters, *(letter + "</w>" for letter in letters), *("".join(pair) for pair in merges)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={word: number for number, word in enumerate(words)},
        merges=merges,
        model_max_length=77,
        pad_token=pad,
    )


def _byte_letters() -> list[str]:
    """A letter for each byte, printable ones for themselves: byte-level BPE (Radford et al. 2019)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = 256 - len(printable)
    return [chr(code) for code in printable] + [chr(256 + extra) for extra in range(others)]
