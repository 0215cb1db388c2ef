"""Samplers and sigma schedules, under the names that users of A1111 and of diffusers know.

A new sampler is one row in SAMPLERS. The table names the scheduler classes as text, so that the bot can
offer them without importing diffusers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.errors import BadOption
from core.words import _


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
    #: UNet calls a step; the last one takes a single call.
    calls_per_step: int = 1
    #: Whether its second step is made twice, to start its history (PNDM).
    repeats_second: bool = False
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
        # The repeated step counts with every share: diffusers cuts whole steps off the beginning.
        repeated = self.repeats_second and steps > 1
        return kept * self.calls_per_step - (self.calls_per_step - 1) + repeated


SCHEDULES: Mapping[str, Schedule] = MappingProxyType(
    {
        schedule.name: schedule
        for schedule in (
            Schedule(name="normal", aliases=("automatic", "default", "uniform", "leading")),
            Schedule(name="karras", config={"use_karras_sigmas": True}, aliases=("ka",)),
            Schedule(name="exponential", config={"use_exponential_sigmas": True}),
            Schedule(name="beta", config={"use_beta_sigmas": True}),
            Schedule(
                name="sgm uniform", config={"timestep_spacing": "trailing"}, aliases=("trailing", "simple")
            ),
            Schedule(name="lu", config={"use_lu_lambdas": True}),
        )
    }
)

_SPACINGS = ("normal", "sgm uniform")
_SIGMAS = ("normal", "karras", "exponential", "beta")

SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {
        sampler.name: sampler
        for sampler in (
            Sampler(name="DDIM", scheduler="DDIMScheduler", schedules=_SPACINGS, takes_eta=True),
            Sampler(name="Euler", scheduler="EulerDiscreteScheduler", schedules=(*_SIGMAS, "sgm uniform")),
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
                repeats_second=True,
                aliases=("PLMS",),
            ),
            Sampler(
                name="DPM++ 2M",
                scheduler="DPMSolverMultistepScheduler",
                config={"algorithm_type": "dpmsolver++", "solver_order": 2},
                schedules=(*_SIGMAS, "sgm uniform", "lu"),
            ),
            Sampler(
                name="DPM++ 2M SDE",
                scheduler="DPMSolverMultistepScheduler",
                config={"algorithm_type": "sde-dpmsolver++", "solver_order": 2},
                schedules=(*_SIGMAS, "sgm uniform", "lu"),
                adds_noise=True,
            ),
            Sampler(
                name="DPM++ 3M SDE",
                scheduler="DPMSolverMultistepScheduler",
                config={"algorithm_type": "sde-dpmsolver++", "solver_order": 3},
                schedules=(*_SIGMAS, "sgm uniform", "lu"),
                adds_noise=True,
            ),
            Sampler(
                name="DPM++ 2S",
                scheduler="DPMSolverSinglestepScheduler",
                config={"algorithm_type": "dpmsolver++", "solver_order": 2, "lower_order_final": True},
                schedules=_SIGMAS,
            ),
            Sampler(
                name="DPM++ SDE",
                scheduler="DPMSolverSDEScheduler",
                schedules=(*_SIGMAS, "sgm uniform"),
                calls_per_step=2,
                adds_noise=True,
            ),
            Sampler(
                name="DPM2",
                scheduler="KDPM2DiscreteScheduler",
                schedules=(*_SIGMAS, "sgm uniform"),
                calls_per_step=2,
            ),
            Sampler(
                name="DPM2 a",
                scheduler="KDPM2AncestralDiscreteScheduler",
                schedules=(*_SIGMAS, "sgm uniform"),
                calls_per_step=2,
                adds_noise=True,
                aliases=("DPM2 ancestral",),
            ),
            Sampler(
                name="Heun",
                scheduler="HeunDiscreteScheduler",
                schedules=(*_SIGMAS, "sgm uniform"),
                calls_per_step=2,
            ),
            Sampler(name="LMS", scheduler="LMSDiscreteScheduler", schedules=("normal", "karras", "beta")),
            Sampler(name="UniPC", scheduler="UniPCMultistepScheduler", schedules=(*_SIGMAS, "sgm uniform")),
            Sampler(name="DEIS", scheduler="DEISMultistepScheduler", schedules=(*_SIGMAS, "sgm uniform")),
            Sampler(name="LCM", scheduler="LCMScheduler", max_steps=50, adds_noise=True),
            Sampler(name="TCD", scheduler="TCDScheduler", max_steps=50, takes_eta=True),
        )
    }
)


def sampler_named(text: str) -> tuple[str, str | None]:
    """A key of SAMPLERS, and of SCHEDULES where the text names one too, as A1111 once did.

    "euler_a", "k_euler_ancestral" and "EulerAncestralDiscreteScheduler" are all Euler a; "DPM++ 2M Karras"
    and "k_dpmpp_2m_ka" are DPM++ 2M on karras.

    Raises:
        BadOption: no sampler is called so.
    """
    names = _names(SAMPLERS)
    # Several samplers may share a class; the first is its plainest use.
    names = {_key(row.scheduler): row.name for row in reversed(list(SAMPLERS.values()))} | names
    wanted = _key(text)
    if wanted in names:
        return names[wanted], None
    for ending, schedule in _names(SCHEDULES).items():
        sampler = names.get(wanted.removesuffix(ending))
        if sampler is not None and schedule in SAMPLERS[sampler].schedules:
            return sampler, schedule
    raise BadOption("sampler", text, _("choose one of {choices}.", choices=", ".join(SAMPLERS)))


def schedule_named(text: str) -> str:
    """A key of SCHEDULES, by its name or what else people call it.

    Raises:
        BadOption: no schedule is called so.
    """
    schedule = _names(SCHEDULES).get(_key(text))
    if schedule is None:
        raise BadOption("schedule", text, _("choose one of {choices}.", choices=", ".join(SCHEDULES)))
    return schedule


def schedule_for(sampler: str, wanted: str | None, *, usual: str) -> str:
    """A key of SCHEDULES for the sampler: the one that is asked for, else the usual one, else its own first.

    Raises:
        BadOption: no schedule is called so, or the sampler does not run on it.
    """
    allowed = SAMPLERS[sampler].schedules
    if not wanted:
        return usual if usual in allowed else allowed[0]
    known = schedule_named(wanted)
    if known not in allowed:
        runs_on = _("{sampler} runs on {choices}.", sampler=sampler, choices=", ".join(allowed))
        raise BadOption("schedule", wanted, runs_on)
    return known


def _names(rows: Mapping[str, Sampler] | Mapping[str, Schedule]) -> dict[str, str]:
    return {_key(name): row.name for row in rows.values() for name in (row.name, *row.aliases)}


def _key(text: str) -> str:
    """What is the same in all spellings: "k_dpmpp_2m" and "DPM++ 2M" are both "dpmpp2m"."""
    plain = re.sub(r"^k[_ -]", "", text.strip().lower()).replace("+", "p")
    return re.sub(r"[^a-z0-9]", "", plain)
