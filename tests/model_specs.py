"""Models as a worker would offer them, for tests that load none."""

from __future__ import annotations

from dataclasses import replace

from core.model_spec import ModelSpec


def model_spec(name: str = "starter", title: str = "Starter", **changes: object) -> ModelSpec:
    """A small Stable Diffusion 1.5, with other facts where `changes` tells them."""
    spec = ModelSpec(
        name=name,
        title=title,
        architecture="sd1",
        weights_hash="0" * 64,
        native_side=64,
        side_multiple=8,
        min_side=32,
        max_side=128,
        default_steps=20,
        max_steps=100,
        default_guidance_scale=7.0,
        default_sampler="Euler",
        default_schedule="normal",
        licence="MIT",
    )
    return replace(spec, **changes)  # type: ignore[arg-type]
