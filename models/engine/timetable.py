"""Which of a schedule's timesteps a denoise stage goes through."""

from __future__ import annotations

from typing import Any

import torch

from core.stages import Denoise


def set_timetable(scheduler: Any, stage: Denoise) -> torch.Tensor:
    """Have the scheduler ready for the stage; the timesteps of its UNet calls (calls,), on the CPU.

    A strength cuts the first steps off as StableDiffusionImg2ImgPipeline does, `start` and `end` cut where
    StableDiffusionXLPipeline's `denoising_start` and `denoising_end` do.
    """
    # Timesteps stay on the CPU: indexing by them must not wait for a graphics card.
    scheduler.set_timesteps(stage.steps)
    timesteps = scheduler.timesteps
    first = _first(scheduler, stage)
    if hasattr(scheduler, "set_begin_index"):
        # Left to itself a scheduler looks its first timestep up, and takes the second of two that are rounded
        # to the same.
        scheduler.set_begin_index(first)
    timesteps = timesteps[first:]
    if stage.end < 1:
        timesteps = timesteps[: int((timesteps >= _timestep_at(scheduler, stage.end)).sum())]
    return timesteps


def span_of_words(scheduler: Any, stage: Denoise, steps: int) -> tuple[int, int]:
    """What prompts that change on the way count over, after `set_timetable`: steps before the stage, and all.

    Stages that share a run, such as a base model's and its refiner's, count over the whole of it; one that a
    strength cuts short over the `steps` that it makes, as A1111's do.
    """
    if stage.start == 0 and stage.end == 1:
        return 0, steps
    return _first(scheduler, stage) // scheduler.order, -(-len(scheduler.timesteps) // scheduler.order)


def _first(scheduler: Any, stage: Denoise) -> int:
    """Index of the first timestep."""
    timesteps = scheduler.timesteps
    if stage.start > 0:
        left = int((timesteps < _timestep_at(scheduler, stage.start)).sum())
        # A step of two calls is not cut in its middle.
        left += scheduler.order == 2 and left % 2 == 0
        return max(0, len(timesteps) - left)
    if stage.strength is not None:
        kept = min(int(stage.steps * stage.strength), stage.steps)
        return (stage.steps - kept) * scheduler.order if kept else len(timesteps)
    return 0


def _timestep_at(scheduler: Any, share: float) -> int:
    trained = scheduler.config.num_train_timesteps
    return round(trained - share * trained)
