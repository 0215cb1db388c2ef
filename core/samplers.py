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
    #: UNet calls beyond one a step (PNDM repeats its second step to start its history).
    extra_calls: int = 0
    #: UNet calls a step.
    calls_per_step: int = 1

    def unet_calls(self, steps: int) -> int:
        """UNet calls that `steps` steps take; price, progress and ETA count these."""
        return steps * self.calls_per_step + self.extra_calls


SCHEDULES: Mapping[str, Schedule] = MappingProxyType(
    {
        schedule.name: schedule
        for schedule in (
            Schedule(name="normal"),
            Schedule(name="karras", config={"use_karras_sigmas": True}),
            Schedule(name="exponential", config={"use_exponential_sigmas": True}),
        )
    }
)

_SIGMAS = ("normal", "karras", "exponential")

SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {
        sampler.name: sampler
        for sampler in (
            Sampler(name="DDIM", scheduler="DDIMScheduler"),
            Sampler(name="Euler", scheduler="EulerDiscreteScheduler", schedules=_SIGMAS),
            Sampler(name="Euler a", scheduler="EulerAncestralDiscreteScheduler"),
            Sampler(name="PNDM", scheduler="PNDMScheduler", config={"skip_prk_steps": True}, extra_calls=1),
            Sampler(
                name="DPM++ 2M",
                scheduler="DPMSolverMultistepScheduler",
                config={"algorithm_type": "dpmsolver++", "solver_order": 2},
                schedules=_SIGMAS,
            ),
        )
    }
)
