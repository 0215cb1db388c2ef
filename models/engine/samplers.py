"""diffusers schedulers for rows, one instance each: they keep state, and refuse a vector of timesteps."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import diffusers
import torch

from core.samplers import SAMPLERS, SCHEDULES
from core.stages import Denoise


class Schedulers:
    """The schedulers of one model, each made once and copied for every row.

    Making one takes up to a tenth of a second (KDPM2 lays out all the timesteps of the training), a copy a
    fifth of a millisecond.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Args:
        config: the model's `scheduler_config.json`; it says how the model was trained.
        """
        self._config = config
        self._made: dict[tuple[str, str], Any] = {}

    def fresh(self, sampler: str, schedule: str) -> Any:
        """One that has not stepped yet.

        Args:
            sampler, schedule: keys of SAMPLERS and SCHEDULES.
        """
        key = (sampler, schedule)
        if key not in self._made:
            self._made[key] = _make(self._config, sampler, schedule)
        return copy.deepcopy(self._made[key])


def _make(config: Mapping[str, Any], sampler: str, schedule: str) -> Any:
    """Built from the model's own config: chained `from_config` calls leak options between scheduler classes.

    Options that the class does not know are left out, as `from_config` does.
    """
    row = SAMPLERS[sampler]
    scheduler = getattr(diffusers, row.scheduler)
    # The request's schedule replaces one that the model's config may name.
    other_schedules = {name: False for entry in SCHEDULES.values() for name in entry.flags}
    options = {**config, **other_schedules, **row.config, **SCHEDULES[schedule].config}
    known = inspect.signature(scheduler.__init__).parameters
    return scheduler(**{name: value for name, value in options.items() if name in known})


class Stepper:
    """Steps of one scheduler, whose noise all comes from the image's own seed."""

    def __init__(self, scheduler: Any, stage: Denoise, generator: torch.Generator) -> None:
        self._scheduler = scheduler
        self._noise_scale = stage.noise_scale
        known = inspect.signature(scheduler.step).parameters
        wanted = {"generator": generator, "eta": stage.eta, "s_noise": stage.noise_scale}
        self._options = {name: value for name, value in wanted.items() if name in known}

    def __call__(
        self, prediction: torch.Tensor, timestep: torch.Tensor, latents: torch.Tensor
    ) -> torch.Tensor:
        """The latents after the step."""
        with _scaled_noise(self._scheduler, self._noise_scale):
            return self._scheduler.step(prediction, timestep, latents, return_dict=False, **self._options)[0]


@contextmanager
def _scaled_noise(scheduler: Any, factor: float) -> Iterator[None]:
    """Noise that the scheduler draws is multiplied by the factor.

    Most schedulers have no option for it; all draw through the `randn_tensor` of their own module.
    """
    module = sys.modules[type(scheduler).__module__]
    draw = getattr(module, "randn_tensor", None)
    if factor == 1 or draw is None:
        yield
        return
    module.randn_tensor = lambda *shape, **options: factor * draw(*shape, **options)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module.randn_tensor = draw  # type: ignore[attr-defined]


def seed_brownian_noise(scheduler: Any, like: torch.Tensor, seed: int) -> None:
    """Give DPMSolverSDEScheduler its noise (Li et al. 2020); others are left alone.

    By itself it would seed it at random and draw it on the device.

    Args:
        like: latents (1, channels, h, w) whose shape, number type and device the noise gets.
    """
    if not hasattr(scheduler, "noise_sampler_seed"):
        return
    from diffusers.schedulers.scheduling_dpmsolver_sde import BrownianTreeNoiseSampler

    sigmas = scheduler.sigmas
    lowest, highest = sigmas[sigmas > 0].min().item(), sigmas.max().item()
    tree = BrownianTreeNoiseSampler(torch.zeros(like.shape), lowest, highest, seed)
    # The tree rounds its ends so, and warns of a sigma that lies a rounding error beyond them.
    ends = round(lowest, 6), round(highest, 6)

    def noise(sigma: torch.Tensor, upcoming: torch.Tensor) -> torch.Tensor:
        return tree(sigma.double().clamp(*ends), upcoming.double().clamp(*ends)).to(like)

    scheduler.noise_sampler = noise
