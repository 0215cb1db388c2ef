"""Samplers and sigma schedules, under the names that users of A1111 and of diffusers know.

A new sampler is one row in SAMPLERS. The table names the scheduler classes as text, so that the bot can
offer them without importing diffusers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How the noise levels (sigmas) are spaced over the steps."""

    name: str
    #: Options of the diffusers scheduler that select it.
    config: Mapping[str, object] = field(default_factory=dict)
    #: What else people call it.
    aliases: tuple[str, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """Options that are either on or off; at most one of all schedules' may be on."""
        return tuple(name for name, value in self.config.items() if value is True)


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """How one step goes from a noise level to the next."""

    name: str
    #: Class name in `diffusers`.
    scheduler: str
    #: Options of the class on top of the model's own scheduler config.
    config: Mapping[str, object] = field(default_factory=dict)
    #: Names of the schedules it can run on, the default first.
    schedules: tuple[str, ...] = ("normal",)
    #: UNet calls beyond `calls_per_step` a step (PNDM repeats its second step to start its history; the last
    #: step of a two-call sampler takes one).
    extra_calls: int = 0
    #: UNet calls a step.
    calls_per_step: int = 1
    #: Most steps that the sampler can take.
    max_steps: int = 1000
    #: Whether it heeds `Denoise.eta`.
    takes_eta: bool = False
    #: Whether it adds noise between steps, which `Denoise.noise_scale` is a factor on. (DDIM and TCD do with
    #: an eta above 0.)
    adds_noise: bool = False
    #: What else people call it, besides the scheduler's class name.
    aliases: tuple[str, ...] = ()

    def unet_calls(self, steps: int, strength: float = 1.0) -> int:
        """UNet calls that `steps` steps take; price, progress and ETA count these.

        Args:
            strength: share of the steps that is run, the last ones, 0..1.
        """
        kept = min(int(steps * strength), steps)
        if kept == 0:
            return 0
        # Counted from the whole run, for what is left out are whole steps from its beginning.
        return (steps * self.calls_per_step + self.extra_calls) - (steps - kept) * self.calls_per_step


SCHEDULES: Mapping[str, Schedule] = MappingProxyType(
    {
        schedule.name: schedule
        for schedule in (
            Schedule(name="normal", aliases=("automatic", "default", "uniform", "ddim uniform")),
            Schedule(name="karras", config={"use_karras_sigmas": True}),
            Schedule(name="exponential", config={"use_exponential_sigmas": True}),
            Schedule(name="beta", config={"use_beta_sigmas": True}),
            Schedule(name="lu", config={"use_lu_lambdas": True}, aliases=("lu lambdas",)),
            Schedule(
                name="sgm uniform", config={"timestep_spacing": "trailing"}, aliases=("trailing", "simple")
            ),
            Schedule(name="linspace", config={"timestep_spacing": "linspace"}),
        )
    }
)

_SPACINGS = ("normal", "sgm uniform", "linspace")
_SIGMAS = ("normal", "karras", "exponential", "beta", "sgm uniform", "linspace")
_TWO_CALLS = {"calls_per_step": 2, "extra_calls": -1}

SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {
        sampler.name: sampler
        for sampler in (
            Sampler(name="DDIM", scheduler="DDIMScheduler", schedules=_SPACINGS, takes_eta=True),
            Sampler(name="Euler", scheduler="EulerDiscreteScheduler", schedules=_SIGMAS),
            Sampler(
                name="Euler a",
                scheduler="EulerAncestralDiscreteScheduler",
                schedules=_SPACINGS,
                adds_noise=True,
                aliases=("euler ancestral",),
            ),
            Sampler(
                name="PNDM",
                scheduler="PNDMScheduler",
                config={"skip_prk_steps": True},
                schedules=_SPACINGS,
                extra_calls=1,
                aliases=("PLMS",),
            ),
            Sampler(
                name="DPM++ 2M",
                scheduler="DPMSolverMultistepScheduler",
                config={"algorithm_type": "dpmsolver++", "solver_order": 2},
                schedules=(*_SIGMAS, "lu"),
                aliases=("dpmpp 2m",),
            ),
        )
    }
)
