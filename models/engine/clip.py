"""One CLIP text encoder: chunks of tokens to hidden states, at batch 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import torch
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from core.words import N_
from models.adapters.laid import Laid, Overlay
from models.adapters.names import TEXT
from models.engine.api import ImageFailed
from models.engine.chunks import Chunk, Chunker
from models.engine.inversion import Vector

#: Encoded chunks that are kept: the images of one job share theirs, and nearly all share the empty negative.
_KEPT = 128


@dataclass(frozen=True, kw_only=True, eq=False)
class Encoded:
    """What a text encoder says."""

    #: (1, tokens, width)
    hidden: torch.Tensor
    #: (1, projection): the summary of the first chunk; None for encoders without a projection.
    pooled: torch.Tensor | None


class ClipEncoder:
    """Equal to the stock pipeline's encoding for plain prompts of up to 75 tokens."""

    def __init__(
        self,
        tokenizer: CLIPTokenizer,
        text_encoder: CLIPTextModel | CLIPTextModelWithProjection,
        *,
        layer: int = 1,
        final_norm: bool = True,
        part: str = TEXT,
        bring: Callable[[], None] = lambda: None,
    ) -> None:
        """Encode with these parts; they are only read.

        Args:
            bring: called before the text encoder, to have it on the device.
            layer: the layer that the model was trained to read, counted from the last (1).
            final_norm: whether the encoder's last normalisation follows an earlier layer, as in Stable
                Diffusion 1; Stable Diffusion XL has it left out.
            part: what adapters call it (`models.adapters.names`).
        """
        self.text_encoder = text_encoder
        self._clip = getattr(text_encoder, "text_model", text_encoder)
        self._layer = layer
        self._final_norm = final_norm
        self.part = part
        self._overlay = Overlay()
        self._bring = bring
        self.chunker = Chunker(tokenizer, text_encoder.config.hidden_size)
        #: (chunk, clip skip, adapters) to what is said of it, of the text encoder's number type
        #: and on its device.
        self.encode = lru_cache(_KEPT)(self._encode)

    def _encode(self, chunk: Chunk, clip_skip: int, adapters: tuple[Laid, ...] = ()) -> Encoded:
        self._overlay.wear(self.part, self.text_encoder, adapters)
        layer = max(self._layer, clip_skip)
        if layer > self.text_encoder.config.num_hidden_layers:
            most = self.text_encoder.config.num_hidden_layers
            raise ImageFailed(
                N_("Clip skip {clip_skip} is too much for this model, whose text has {most} layers."),
                clip_skip=clip_skip,
                most=most,
            )
        self._bring()
        device = self.text_encoder.device
        tokens = [token if isinstance(token, int) else 0 for token in chunk.tokens]
        # Stable Diffusion was trained with the padding visible; few text encoders ask for a mask.
        masked = getattr(self.text_encoder.config, "use_attention_mask", False)
        mask = torch.arange(len(tokens), device=device)[None] < chunk.used if masked else None
        with self._told(chunk):
            said = self.text_encoder(
                torch.tensor([tokens], device=device), attention_mask=mask, output_hidden_states=layer > 1
            )
        if layer == 1:
            hidden = said.last_hidden_state
        else:
            hidden = said.hidden_states[-layer]
            hidden = self._clip.final_layer_norm(hidden) if self._final_norm else hidden
        return Encoded(hidden=_weighted(hidden, chunk.weights), pooled=getattr(said, "text_embeds", None))

    @contextmanager
    def _told(self, chunk: Chunk) -> Iterator[None]:
        """For one call, the vectors of the chunk's inversions stand in place of words."""
        learnt = {place: token for place, token in enumerate(chunk.tokens) if isinstance(token, Vector)}
        if not learnt:
            yield
            return

        def replace(_module: object, _inputs: object, words: torch.Tensor) -> torch.Tensor:
            words = words.clone()
            for place, vector in learnt.items():
                words[0, place] = vector.values.to(words)
            return words

        hook = self._clip.embeddings.token_embedding.register_forward_hook(replace)
        try:
            yield
        finally:
            hook.remove()


def _weighted(hidden: torch.Tensor, weights: tuple[float, ...]) -> torch.Tensor:
    """Hidden states (1, tokens, width) times each token's weight, then scaled so that their mean stays.

    As A1111's wiki describes it: the mean over all tokens and numbers of the chunk is kept.
    """
    if all(weight == 1 for weight in weights):
        return hidden
    scaled = hidden * torch.tensor(weights, dtype=hidden.dtype, device=hidden.device)[None, :, None]
    kept = hidden.float().mean() / scaled.float().mean()
    return scaled * kept.to(hidden.dtype) if kept.isfinite() else scaled
