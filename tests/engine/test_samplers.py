"""Samplers and schedules: what they are called, how many UNet calls they take, what noise they add."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from core.errors import BadOption
from core.samplers import SAMPLERS, SCHEDULES, Sampler, sampler_named, schedule_named
from core.stages import Denoise
from models.catalogue import LocalModel
from models.engine.samplers import Schedulers, Stepper, seed_brownian_noise
from models.engine.timetable import set_timetable, span_of_words
from tests.engine.stock import make_request

EVERY_WAY = [(sampler.name, schedule) for sampler in SAMPLERS.values() for schedule in sampler.schedules]


def _schedulers(models: list[LocalModel]) -> Schedulers:
    return Schedulers(json.loads((models[0].path / "scheduler" / "scheduler_config.json").read_text()))


def _stage(**denoise: object) -> Denoise:
    return make_request(**denoise).denoise


@pytest.mark.parametrize(
    ("text", "sampler", "schedule"),
    [
        ("euler_a", "Euler a", None),
        ("K_EULER_ANCESTRAL", "Euler a", None),
        ("EulerAncestralDiscreteScheduler", "Euler a", None),
        ("DPM++ 2M Karras", "DPM++ 2M", "karras"),
        ("k_dpmpp_2m_ka", "DPM++ 2M", "karras"),
        ("DPM++ 2M SDE Exponential", "DPM++ 2M SDE", "exponential"),
        ("dpmpp_sde", "DPM++ SDE", None),
        ("DPMSolverMultistepScheduler", "DPM++ 2M", None),
        ("k_dpm_2_a", "DPM2 a", None),
        (" plms ", "PNDM", None),
        ("UniPC", "UniPC", None),
    ],
)
def test_whatever_people_call_a_sampler(text: str, sampler: str, schedule: str | None) -> None:
    assert sampler_named(text) == (sampler, schedule)


@pytest.mark.parametrize("text", ["", "karras", "LCM Karras", "k_", "Euler b"])
def test_no_such_sampler(text: str) -> None:
    with pytest.raises(BadOption, match="choose one of DDIM, Euler"):
        sampler_named(text)


def test_every_name_finds_its_own_row() -> None:
    assert all(sampler_named(name) == (name, None) for name in SAMPLERS)
    assert all(schedule_named(name.upper()) == name for name in SCHEDULES)
    assert schedule_named("Trailing") == "sgm uniform"
    with pytest.raises(BadOption, match="karras"):
        schedule_named("kar")


@pytest.mark.parametrize(("sampler", "schedule"), EVERY_WAY)
def test_unet_calls_are_known_before(models: list[LocalModel], sampler: str, schedule: str) -> None:
    schedulers = _schedulers(models)
    for steps in (1, 2, 3, 10):
        for strength in (None, 0.0, 0.05, 0.77):
            stage = _stage(sampler=sampler, schedule=schedule, steps=steps, strength=strength)
            timesteps = set_timetable(schedulers.fresh(sampler, schedule), stage)
            assert len(timesteps) == stage.unet_calls


@pytest.mark.parametrize(("sampler", "schedule"), EVERY_WAY)
def test_start_and_end_share_the_calls(models: list[LocalModel], sampler: str, schedule: str) -> None:
    """Base and refiner together make the whole schedule; what was forecast is nearly right."""
    schedulers, whole = _schedulers(models), _stage(sampler=sampler, schedule=schedule, steps=20)
    base, refiner = replace(whole, end=0.8), replace(whole, start=0.8)
    calls = [set_timetable(schedulers.fresh(sampler, schedule), stage).tolist() for stage in (base, refiner)]
    assert base.unet_calls + refiner.unet_calls == whole.unet_calls
    assert all(time >= 200 for time in calls[0])
    # A step of two calls may begin just before the cut.
    assert all(time < 200 for time in calls[1][1:])
    assert abs(sum(map(len, calls)) - whole.unet_calls) <= 1


@pytest.mark.parametrize("sampler", ["Euler", "DPM++ 2M", "Heun", "PNDM"])
def test_words_change_over_the_whole_run_of_base_and_refiner(models: list[LocalModel], sampler: str) -> None:
    whole = _stage(sampler=sampler, schedule="normal", steps=20)
    seen: list[int] = []
    for stage in (replace(whole, end=0.6), replace(whole, start=0.6)):
        scheduler = _schedulers(models).fresh(sampler, "normal")
        steps = -(-len(set_timetable(scheduler, stage)) // scheduler.order)
        before, all_steps = span_of_words(scheduler, stage, steps)
        assert all_steps == -(-len(scheduler.timesteps) // scheduler.order)
        seen += range(before, before + steps)
    # The step in which a sampler of two calls is cut counts for both.
    assert list(dict.fromkeys(seen)) == list(range(all_steps))


def test_words_change_over_the_steps_that_a_strength_leaves(models: list[LocalModel]) -> None:
    stage = _stage(sampler="Euler", schedule="normal", steps=20, strength=0.5)
    scheduler = _schedulers(models).fresh("Euler", "normal")
    assert span_of_words(scheduler, stage, len(set_timetable(scheduler, stage))) == (0, 10)


@pytest.mark.parametrize("sampler", [row for row in SAMPLERS.values() if row.adds_noise or row.takes_eta])
def test_noise_scale_is_a_factor_on_the_noise(models: list[LocalModel], sampler: Sampler) -> None:
    ends = [_one_step(models, sampler, scale) for scale in (0.5, 1.0, 1.5)]
    assert (ends[1] - ends[0]).abs().max() > 1e-3
    assert torch.allclose(ends[2] - ends[1], ends[1] - ends[0], atol=1e-4)


def _one_step(models: list[LocalModel], sampler: Sampler, noise_scale: float) -> torch.Tensor:
    """Latents after one whole step with a prediction that does not depend on them."""
    eta = 0.7 if sampler.takes_eta else 0.0
    stage = _stage(sampler=sampler.name, steps=10, noise_scale=noise_scale, eta=eta)
    generator = torch.Generator().manual_seed(5)
    scheduler = _schedulers(models).fresh(sampler.name, "normal")
    times = set_timetable(scheduler, stage)
    latents = torch.randn(1, 4, 4, 4, generator=generator) * scheduler.init_noise_sigma
    seed_brownian_noise(scheduler, latents, seed=5)
    prediction = torch.randn(1, 4, 4, 4, generator=generator)
    step = Stepper(scheduler, stage, generator)
    for time in times[: sampler.calls_per_step]:
        scheduler.scale_model_input(latents, time)
        latents = step(prediction, time, latents)
    return latents


@pytest.mark.parametrize(("sampler", "schedule"), EVERY_WAY)
def test_a_fresh_scheduler_knows_nothing_of_the_last_row(
    models: list[LocalModel], sampler: str, schedule: str
) -> None:
    schedulers, ends = _schedulers(models), []
    for scheduler in (schedulers.fresh(sampler, schedule), schedulers.fresh(sampler, schedule)):
        stage = _stage(sampler=sampler, schedule=schedule, steps=4)
        generator = torch.Generator().manual_seed(5)
        step = Stepper(scheduler, stage, generator)
        latents = torch.randn(1, 4, 4, 4, generator=generator)
        times = set_timetable(scheduler, stage)
        seed_brownian_noise(scheduler, latents, seed=5)
        for time in times:
            latents = step(0.1 * scheduler.scale_model_input(latents, time), time, latents)
        ends.append(latents)
    assert torch.equal(*ends)


def test_the_noise_of_other_rows_is_left_alone() -> None:
    from diffusers.schedulers import scheduling_euler_ancestral_discrete as module

    before = module.randn_tensor
    scheduler = Schedulers({}).fresh("Euler a", "normal")
    times = set_timetable(scheduler, _stage(sampler="Euler a", noise_scale=0.5))
    stepper = Stepper(scheduler, _stage(noise_scale=0.5), torch.Generator())
    with pytest.raises(AttributeError):
        stepper(None, times[0], None)  # type: ignore[arg-type]
    assert module.randn_tensor is before


def test_steps_beyond_a_sampler_are_refused() -> None:
    with pytest.raises(BadOption, match="LCM takes 1 to 50"):
        _stage(sampler="LCM", steps=51)
