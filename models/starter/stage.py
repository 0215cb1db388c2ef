"""The loop of a training stage: optimiser, moving average, pace, log, checkpoints to resume from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import torch
from torch import Tensor, nn

from models.starter.crew import Average, Clock, Flat, Job, Log, save

_SAVE_SECONDS = 240


class Stage:
    """One rank's part of a stage. What of `modules` requires gradients is trained, and kept in ``<name>.pt``.

    `rng` and torch's own dice differ from rank to rank and after each stop; use them for data.
    """

    def __init__(
        self,
        job: Job,
        rank: int,
        name: str,
        modules: Iterable[nn.Module],
        *,
        weight_decay: float = 0.01,
        keep: float = 0.998,
    ) -> None:
        self.job, self.rank, self.name = job, rank, name
        self.flat = Flat(modules)
        self.optimiser = torch.optim.AdamW(
            self.flat.parameters, lr=job.rate, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True
        )
        self.average = Average(self.flat.parameters, keep)
        self.step, self.elapsed = 0, 0.0
        self.file = job.folder / f"{name}.pt"
        if self.file.exists():
            self._load()
        self.rng = Random(job.seed * 7919 + rank + 2 * self.step)
        torch.manual_seed(job.seed * 1000 + rank + 2 * self.step)

    @property
    def share(self) -> float:
        """How much of the stage's time is over, 0..1."""
        return self.elapsed / self.job.seconds

    def _load(self) -> None:
        state = torch.load(self.file, map_location=self.job.device, weights_only=True)
        put(self.flat.parameters, state["live"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.mean, self.average.steps = state["mean"], state["step"]
        self.step, self.elapsed = state["step"], state["elapsed"]

    def save(self) -> None:
        save(
            self.file,
            {
                "live": [p.detach() for p in self.flat.parameters],
                "mean": self.average.mean,
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "elapsed": self.elapsed,
            },
        )

    def advance(self, loss_of: Callable[[], Tensor], clock: Clock) -> float:
        """One step on all ranks; this rank's loss."""
        loss = loss_of()
        self.flat.gradient.zero_()
        loss.backward()
        self.elapsed = self.flat.average(clock.elapsed(), limit=1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.job.rate_at(self.elapsed)
        self.optimiser.step()
        self.average.update()
        self.step += 1
        return float(loss.detach())

    def train(
        self,
        loss_of: Callable[[], Tensor],
        *,
        log_every: int = 200,
        show: Callable[[int], None] | None = None,
    ) -> bool:
        """Train until the time is up. True on the rank that is to write what the stage is for.

        `show` is called with the number of steps after each checkpoint, to draw what has been learnt by then;
        it leaves torch's dice as they were.
        """
        log, clock = Log(self.job.folder / "log.jsonl", self.rank), Clock(self.elapsed)
        saved, total, count = self.elapsed, 0.0, 0
        while self.elapsed < self.job.seconds:
            total += self.advance(loss_of, clock)
            count += 1
            if self.step % log_every == 0:
                log.write(
                    stage=self.name,
                    step=self.step,
                    seconds=round(self.elapsed),
                    loss=total / count,
                    rate=self.job.rate_at(self.elapsed),
                    left=round(self.job.seconds - self.elapsed),
                )
                total, count = 0.0, 0
            over = self.elapsed >= self.job.seconds
            if self.rank == 0 and (over or self.elapsed - saved > _SAVE_SECONDS):
                saved = self.elapsed
                self.save()
                if show is not None:
                    with torch.random.fork_rng():
                        show(self.step)
        return self.rank == 0


def averages(folder: Path, name: str) -> list[Tensor]:
    """The averaged parameters that a stage has reached, in the order of its modules."""
    return torch.load(folder / f"{name}.pt", map_location="cpu", weights_only=True)["mean"]


@torch.no_grad()
def put(parameters: Iterable[Tensor], values: Iterable[Tensor]) -> None:
    """Copy values into parameters, one by one."""
    for mine, theirs in zip(parameters, values, strict=True):
        mine.copy_(theirs)
