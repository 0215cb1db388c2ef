"""Prompts to text embeddings: the one file where a prompt gets its meaning for a model."""

from __future__ import annotations

from functools import lru_cache

import torch
from transformers import CLIPTextModel, CLIPTokenizer

#: Encoded prompts that are kept: the images of one job share theirs, and nearly all share the empty negative.
_KEPT = 64


class PromptEncoder:
    """CLIP text encoding at batch 1, equal to the stock pipeline's for plain prompts."""

    def __init__(self, tokenizer: CLIPTokenizer, text_encoder: CLIPTextModel) -> None:
        self.tokenizer = tokenizer
        self.text_encoder = text_encoder
        #: Prompt to embeddings (1, tokens, hidden), of the text encoder's number type and on its device.
        self.encode = lru_cache(_KEPT)(self._encode)

    def _encode(self, prompt: str) -> torch.Tensor:
        tokens = self.tokenizer(
            prompt,
            padding="max_length",
            max_length=self.tokenizer.model_max_length,
            truncation=True,
            return_tensors="pt",
        )
        device = self.text_encoder.device
        # Stable Diffusion was trained with the padding visible; few text encoders ask for a mask.
        masked = getattr(self.text_encoder.config, "use_attention_mask", False)
        mask = tokens.attention_mask.to(device) if masked else None
        return self.text_encoder(tokens.input_ids.to(device), attention_mask=mask)[0]
