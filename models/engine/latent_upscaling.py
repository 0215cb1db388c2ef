"""The latent upscaler in the loop, as StableDiffusionLatentUpscalePipeline does it.

Its UNet reads the small latents, twice as large, beside the noisy ones; it is told log(sigma) / 4 for a
timestep, and its prediction is weighted by what Karras et al. (2022, arXiv:2206.00364, table 1) call
preconditioning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch.nn.functional import interpolate
from transformers import CLIPTextModel, CLIPTokenizer

from core.prompt.spoken import Spoken
from core.stages import UpscaleLatents
from core.words import N_
from models.engine.api import ImageFailed
from models.engine.conditions import Conditions, conditions
from models.engine.images import ImageRun
from models.engine.prompts import TextEmbeddings
from models.engine.rows import Row

#: The UNet is told how noisy the small picture is, as ones and zeros of this length: not at all.
_NOISE_LEVEL = 64


class UpscalingRow(Row):
    """A latent upscaler's way to latents of twice the sides."""

    def __init__(self, run: ImageRun, stage: UpscaleLatents) -> None:
        if not run.model.spec.is_upscaler:
            raise ImageFailed(N_("{title} is no latent upscaler."), title=run.model.spec.title)
        # Drawn before the noise, as the stock pipeline does.
        small = run.source_latents()
        factor = run.model.vae_factor
        if (small.shape[2] * 2 * factor, small.shape[3] * 2 * factor) != (stage.height, stage.width):
            raise ImageFailed(N_("A latent upscaler makes pictures twice as large, no more and no less."))
        super().__init__(run, stage)
        self._channels = interpolate(small, scale_factor=2, mode="nearest")

    @property
    def _sigma(self) -> torch.Tensor:
        return self.scheduler.sigmas[self.call]

    @property
    def time(self) -> float:
        return float(torch.log(self._sigma) * 0.25)

    def conditions(self) -> tuple[Conditions, ...]:
        text = self.text_now()
        halves = conditions(self.run.model, self.stage, text)
        pooled = (text.pooled_negative, text.pooled_positive)[-len(halves) :]
        return tuple(
            replace(half, options={**half.options, "timestep_cond": _told(summary)})
            for half, summary in zip(halves, pooled, strict=True)
        )

    def step(self, prediction: torch.Tensor, width: int) -> None:
        # The last channel is a variance that nobody uses.
        sigma, said = self._sigma, prediction[:, :-1]
        kept = self.latents / (sigma**2 + 1)
        super().step((kept + sigma / (sigma**2 + 1) ** 0.5 * said).to(said.dtype), width)


def _told(pooled: torch.Tensor) -> torch.Tensor:
    """The noise level and the summary of the text: (1, 128 + projection)."""
    ones = torch.ones(1, _NOISE_LEVEL, dtype=pooled.dtype, device=pooled.device)
    return torch.cat([ones, torch.zeros_like(ones), pooled], dim=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class SteadyText:
    """Text that is the same at every step (`models.engine.prompts.Prompts`)."""

    text: TextEmbeddings

    def tokens(self, _steps: int) -> int:
        return self.text.positive.shape[1]

    def at(self, _step: int, _steps: int) -> TextEmbeddings:
        return self.text


@dataclass(frozen=True, kw_only=True, eq=False)
class PlainText:
    """Words as they stand, cut after what the encoder reads; its last hidden states and its summary."""

    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    #: Has the text encoder on the device.
    bring: Callable[[], None]

    def encode_prompts(self, words: Spoken, guided: bool, *_laid_over: object) -> SteadyText:
        """Adapters and inversions are made for base models; an upscaler reads none."""
        positive, pooled = self._encode(words.prompt_text)
        negative, pooled_negative = self._encode(words.negative_text) if guided else (None, None)
        return SteadyText(
            text=TextEmbeddings(
                positive=positive,
                negative=negative,
                pooled_positive=pooled,
                pooled_negative=pooled_negative,
            )
        )

    def _encode(self, text: str) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = self.tokenizer(
            text,
            padding="max_length",
            max_length=self.tokenizer.model_max_length,
            truncation=True,
            return_tensors="pt",
        ).input_ids
        self.bring()
        said = self.text_encoder(tokens.to(self.text_encoder.device), output_hidden_states=True)
        return said.hidden_states[-1], said.pooler_output
