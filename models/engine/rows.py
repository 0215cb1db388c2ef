"""Rows: one denoise stage of one image each, side by side in the batches of a lane."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import torch

from core.recipe import Widths
from core.stages import Denoise
from models.engine.api import ImageFailed
from models.engine.images import ImageRun, is_guided
from models.engine.preview import predicted_original
from models.engine.samplers import make_scheduler
from models.engine.widths import expand, run_lengths


@dataclass(frozen=True, kw_only=True)
class LaneKey:
    """What rows must share to go through one UNet call together."""

    model: str
    #: Latents.
    height: int
    width: int
    guided: bool


class Row:
    """A sampler's way from noise to latents, one UNet call at a time."""

    def __init__(self, run: ImageRun, stage: Denoise) -> None:
        model = run.model
        height, width = stage.height // model.vae_factor, stage.width // model.vae_factor
        self.run = run
        self.key = LaneKey(model=model.spec.name, height=height, width=width, guided=is_guided(stage))
        self.guidance_scale = stage.guidance_scale
        if run.text is None:
            raise ImageFailed("This request has no prompt before its denoising.")
        self.text = run.text
        self.scheduler = make_scheduler(model.scheduler_config, stage.sampler, stage.schedule)
        # Timesteps stay on the CPU: indexing by them must not wait for a graphics card.
        self.scheduler.set_timesteps(stage.steps)
        self._draws_noise = "generator" in inspect.signature(self.scheduler.step).parameters
        self._timesteps = self.scheduler.timesteps.unbind()
        #: The same as numbers, for the UNet's vector of timesteps.
        self._times: list[float] = self.scheduler.timesteps.tolist()
        shape = (1, model.unet.config.in_channels, height, width)
        noise = torch.randn(shape, generator=run.generator, dtype=model.dtype).to(model.device)
        self.latents = noise * self.scheduler.init_noise_sigma
        self._widths: list[int] = []
        self._pinned = self._checked(run.pinned_widths())

    @property
    def demand(self) -> int | None:
        """Width that the next call must have; None where any will do."""
        return None if self._pinned is None else self._pinned[len(self._widths)]

    @property
    def time(self) -> float:
        """Timestep of the next call."""
        return self._times[len(self._widths)]

    @property
    def done(self) -> bool:
        return len(self._widths) == len(self._times)

    def model_input(self) -> torch.Tensor:
        """Latents (1, channels, height, width) as the UNet wants them at this timestep."""
        self._input = self.scheduler.scale_model_input(self.latents, self._timesteps[len(self._widths)])
        return self._input

    def step(self, prediction: torch.Tensor, width: int) -> None:
        """Take the UNet's (guided) prediction for this row (1, channels, height, width)."""
        timestep = self._timesteps[len(self._widths)]
        options = {"generator": self.run.generator} if self._draws_noise else {}
        stepped = self.scheduler.step(prediction, timestep, self.latents, return_dict=False, **options)
        self.latents = stepped[0]
        self._prediction = prediction
        self._widths.append(width)
        self.run.calls_done += 1

    def estimate(self) -> torch.Tensor:
        """What the finished latents look like after the last step."""
        signal = float(self.scheduler.alphas_cumprod[round(self._times[len(self._widths) - 1])])
        kind = self.scheduler.config.prediction_type
        return predicted_original(self._input, self._prediction, signal, kind)

    def finish(self) -> None:
        """Hand latents and widths to the image."""
        self.run.latents = self.latents
        self.run.widths.append(run_lengths(self._widths))

    def _checked(self, pinned: Widths | None) -> tuple[int, ...] | None:
        if pinned is None:
            return None
        widths = expand(pinned)
        if len(widths) != len(self._times):
            raise ImageFailed(
                f"The recipe tells of {len(widths)} UNet calls, and this image takes {len(self._times)}."
            )
        return widths
