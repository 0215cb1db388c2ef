"""Rows: one denoise stage of one image each, side by side in the batches of a lane."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.recipe import Widths
from core.stages import Denoise
from core.words import N_
from models.adapters.laid import Laid, for_part, laid_over
from models.adapters.names import UNET
from models.control.units import Control, controls_of
from models.engine.api import ImageFailed
from models.engine.conditions import Conditions, conditions, is_guided
from models.engine.images import ImageRun
from models.engine.preview import predicted_original
from models.engine.prompts import TextEmbeddings
from models.engine.samplers import Stepper, seed_brownian_noise
from models.engine.starts import start_of
from models.engine.timetable import set_timetable, span_of_words
from models.engine.widths import expand, run_lengths
from models.references.encode import Worn, references_of


@dataclass(frozen=True, kw_only=True)
class LaneKey:
    """What rows must share to go through one UNet call together."""

    model: str
    #: Latents.
    height: int
    width: int
    guided: bool
    #: Length of the text, in tokens.
    tokens: int
    #: Whether the UNet's convolutions wrap around.
    tiling: bool = False
    #: IP-Adapters in the UNet's attention processors.
    references: tuple[Worn, ...] = ()
    #: LoRAs and kin over the UNet's layers.
    adapters: tuple[Laid, ...] = ()


class Row:
    """A sampler's way to denoised latents, one UNet call at a time."""

    #: Rows of UNet calls that one call of the sampler takes; `models.engine.tiles` has more than one.
    calls_a_step = 1
    #: Whether it can take part in a UNet call now.
    ready = True

    def __init__(self, run: ImageRun, stage: Denoise) -> None:
        model = run.model
        if run.text is None:
            raise ImageFailed(N_("This request has no prompt before its denoising."))
        self.run = run
        self.owner = run.task.owner
        self.stage = stage
        self.guidance_scale = stage.guidance_scale
        self.controls = controls_of(run, stage)
        self.references = references_of(run, stage)
        self.scheduler = model.schedulers.fresh(stage.sampler, stage.schedule)
        timesteps = set_timetable(self.scheduler, stage)
        self._timesteps = timesteps.unbind()
        #: The same as numbers, for the UNet's vector of timesteps.
        self._times: list[float] = timesteps.tolist()
        self._steps_before, self._all_steps = span_of_words(self.scheduler, stage, self.steps)
        start = start_of(run, stage, self.scheduler, timesteps)
        self.latents, self._channels, self._blend = start.latents, start.channels, start.blend
        seed_brownian_noise(self.scheduler, self.latents, run.task.request.image_seed(run.task.index))
        self._step = Stepper(self.scheduler, stage, run.generator)
        self.key = LaneKey(
            model=model.spec.name,
            height=self.latents.shape[2],
            width=self.latents.shape[3],
            guided=is_guided(model, stage),
            tokens=run.text.tokens(self._all_steps),
            tiling=stage.tiling,
            references=tuple(shown.worn for shown in self.references),
            adapters=for_part(laid_over(run), UNET),
        )
        self._text = run.text
        self._widths: list[int] = []
        self._pinned = self._checked(run.pinned_widths())
        #: Width that the ControlNets were called at in the call under way; 0 where they were not.
        self.control_width = 0
        self._control_widths: list[int] = []
        self._pinned_controls = self._checked(run.pinned_control_widths() if self.controls else None)

    def riders(self) -> list[Row]:
        """The rows that take part in UNet calls for this one: itself."""
        return [self]

    @property
    def demand(self) -> int | None:
        """Width that the next call must have; None where any will do."""
        return self.demand_of(0)

    def demand_of(self, part: int) -> int | None:
        """The same of one of a step's calls, by its number."""
        return None if self._pinned is None else self._pinned[self.call * self.calls_a_step + part]

    @property
    def control_demand(self) -> int | None:
        """The same for the calls of its ControlNets."""
        return None if self._pinned_controls is None else self._pinned_controls[self.call]

    @property
    def guiding_controls(self) -> tuple[Control, ...]:
        """The ControlNets that take part in the next call."""
        return tuple(control for control in self.controls if control.guides(self.call, self.calls))

    @property
    def call(self) -> int:
        """Number of the next call, from 0."""
        return len(self._widths) // self.calls_a_step

    @property
    def calls(self) -> int:
        """UNet calls of the stage."""
        return len(self._times)

    @property
    def steps(self) -> int:
        """Steps of the sampler; some take two UNet calls each."""
        return -(-self.calls // self.scheduler.order)

    @property
    def time(self) -> float:
        """Timestep of the next call."""
        return self._times[self.call]

    @property
    def done(self) -> bool:
        return self.call == self.calls

    @property
    def progress(self) -> int:
        """Calls done of the whole image, as `Request.unet_calls` counts them.

        Where `start` or `end` cut the schedule, the true number of calls is known only here and may be one
        or two off.
        """
        return self.run.calls_done + round(self.stage.unet_calls * self.call / max(1, self.calls))

    def model_input(self) -> torch.Tensor:
        """Latents (1, channels, height, width) as the UNet wants them at this timestep."""
        self._input = self.scheduler.scale_model_input(self.latents, self._timesteps[self.call])
        if self._channels is None:
            return self._input
        return torch.cat([self._input, self._channels], dim=1)

    def conditions(self) -> tuple[Conditions, ...]:
        """What the next call is told besides, for each half of it."""
        return conditions(self.run.model, self.stage, self.text_now(), self.references)

    def text_now(self) -> TextEmbeddings:
        """What the prompt says at this step."""
        step = self._steps_before + self.call // self.scheduler.order
        return self._text.at(step, self._all_steps)

    def step(self, prediction: torch.Tensor, width: int) -> None:
        """Take the UNet's (guided) prediction for this row (1, channels, height, width)."""
        self.latents = self._step(prediction, self._timesteps[self.call], self.latents)
        self._prediction = prediction
        self._widths.append(width)
        self._control_widths.append(self.control_width)
        if self._blend is not None:
            upcoming = None if self.done else self._timesteps[self.call]
            self.latents = self._blend(self.scheduler, self.latents, upcoming)

    def estimate(self) -> torch.Tensor:
        """What the finished latents look like after the last step."""
        signal = float(self.scheduler.alphas_cumprod[round(self._times[self.call - 1])])
        kind = self.scheduler.config.prediction_type
        return predicted_original(self._input, self._prediction, signal, kind)

    def finish(self) -> None:
        """Hand latents and widths to the image; without a call its picture is still unchanged."""
        if self.calls:
            self.run.latents = self.latents
        self.run.calls_done += self.stage.unet_calls
        self.run.widths.append(run_lengths(self._widths))
        self.run.control_widths.append(run_lengths(self._control_widths) if self.controls else ())

    def _checked(self, pinned: Widths | None) -> tuple[int, ...] | None:
        if pinned is None:
            return None
        widths = expand(pinned)
        calls = self.calls * self.calls_a_step
        if len(widths) != calls:
            raise ImageFailed(
                N_("The recipe tells of {widths} UNet calls, and this image takes {calls}."),
                widths=len(widths),
                calls=calls,
            )
        return widths
