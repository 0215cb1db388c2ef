"""diffusers schedulers for rows, one instance each: they keep state, and refuse a vector of timesteps."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import diffusers

from core.samplers import SAMPLERS, SCHEDULES


def make_scheduler(config: Mapping[str, Any], sampler: str, schedule: str) -> Any:
    """A fresh scheduler of this sampler and sigma schedule.

    It is built from the model's own config each time: a chain of `from_config` calls leaks options from one
    scheduler class to the next. Options that the class does not know are left out, as `from_config` does.

    Args:
        config: the model's `scheduler_config.json`; it says how the model was trained.
        sampler, schedule: keys of SAMPLERS and SCHEDULES.
    """
    row = SAMPLERS[sampler]
    scheduler = getattr(diffusers, row.scheduler)
    # The request's schedule replaces one that the model's config may name.
    other_schedules = {option: False for entry in SCHEDULES.values() for option in entry.config}
    options = {**config, **other_schedules, **row.config, **SCHEDULES[schedule].config}
    known = inspect.signature(scheduler.__init__).parameters
    return scheduler(**{name: value for name, value in options.items() if name in known})
