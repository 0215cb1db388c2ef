"""The recipe in one table: every stage of training, in order, how long it takes and what it ships."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from models.starter import crew

_FIRST_PORT = 29517
"""Where the ranks of the first stage meet; each stage has its own port."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One stage of training, and the module below `models.starter` whose `train` does it."""

    module: str
    #: On two cores, or one GPU: what the shipped weights took.
    minutes: float
    rate: float = 1e-3
    #: The folder below the weights that the module's `export` writes.
    ships: str | None = None
    #: A file that says that the stage is over, whatever its checkpoint says.
    leaves: str | None = None


STAGES: dict[str, Part] = {
    "vae": Part(module="vae", minutes=17.5, rate=2e-3, leaves="vae/config.json"),
    "reading": Part(module="reading", minutes=3.4, rate=2e-3, leaves="text.pt"),
    "diffusion": Part(module="diffusion", minutes=187),
    "upscaler": Part(module="companions.upscaler", minutes=6, ships="upscaler"),
    "controlnet": Part(module="companions.controlnet", minutes=24, ships="controlnet"),
    "lora": Part(module="companions.lora", minutes=11, rate=2e-3, ships="lora"),
    "embedding": Part(module="companions.embedding", minutes=5, rate=1e-2, ships="embedding"),
    "vision": Part(module="companions.vision", minutes=25),
    "adapter": Part(module="companions.adapter", minutes=9, rate=5e-4, ships="ip-adapter"),
}
SHIPPED: dict[str, str] = {"sd": "pipeline"} | {
    part.ships: part.module for part in STAGES.values() if part.ships is not None
}
"""The folders of the weights, and the modules that export them."""


def train(name: str, folder: Path, *, minutes: float, seed: int, ranks: int, device: str) -> None:
    """Go through a stage, or through what is left of it. The stages before it must be over."""
    part = STAGES[name]
    if part.leaves and (folder / part.leaves).exists():
        return
    import_module("models.starter.tokens").words_of(folder)  # before there are ranks that could both write it
    job = crew.Job(folder, minutes * 60, seed=seed, ranks=ranks, device=device, rate=part.rate)
    crew.run(
        import_module(f"models.starter.{part.module}").train, job, port=_FIRST_PORT + list(STAGES).index(name)
    )


def export(folder: Path, target: Path, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Write the named folders of the weights, or all; the name of each and its bytes."""
    for name in names or SHIPPED:
        import_module(f"models.starter.{SHIPPED[name]}").export(folder, target / name)
        files = [file for file in (target / name).rglob("*") if file.is_file()]
        yield name, sum(file.stat().st_size for file in files)
