"""What both training stages share: ranks, one flat gradient, a pace by elapsed time, a log, checkpoints.

Two one-thread ranks on two cores see up to four times as many pictures as one two-thread process does,
because no thread ever waits for another inside a layer. The ranks meet once a step, over gloo.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import Tensor, nn


@dataclass(frozen=True)
class Job:
    """One stage of training: where it keeps its state, how long it takes, on how many ranks."""

    folder: Path
    seconds: float
    seed: int = 1
    ranks: int = 2
    device: str = "cpu"
    rate: float = 1e-3
    warm_up: float = 20.0
    """Seconds until the learning rate is at its height."""
    plateau: float = 0.4
    """Share of the time until it begins to fall."""

    def rate_at(self, elapsed: float) -> float:
        """Learning rate after `elapsed` seconds: a short ramp, a plateau, a straight line down to nothing."""
        left = max(0.0, 1 - elapsed / self.seconds)
        return self.rate * min(1.0, (elapsed + 1) / self.warm_up, left / (1 - self.plateau))


class Flat:
    """The parameters of some modules, all their gradients in one tensor: ranks meet in one exchange."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self.parameters = [p for m in modules for p in m.parameters() if p.requires_grad]
        device = self.parameters[0].device
        self.gradient = torch.zeros(sum(p.numel() for p in self.parameters) + 1, device=device)
        at = 0
        for p in self.parameters:
            p.grad = self.gradient[at : at + p.numel()].view_as(p)
            at += p.numel()

    def average(self, value: float, limit: float) -> float:
        """Average the gradients and `value` over the ranks and cut the norm to `limit`; the average value."""
        self.gradient[-1] = value
        if dist.is_initialized() and dist.get_world_size() > 1:
            dist.all_reduce(self.gradient)
            self.gradient /= dist.get_world_size()
        body = self.gradient[:-1]
        body *= min(1.0, limit / (float(body.norm()) + 1e-6))
        return float(self.gradient[-1])


class Average:
    """An exponential moving average of parameters, `keep` a step, less at the beginning."""

    def __init__(self, parameters: list[Tensor], keep: float) -> None:
        self.live, self.keep, self.steps = parameters, keep, 0
        self.mean = [p.detach().clone() for p in parameters]

    @torch.no_grad()
    def update(self) -> None:
        self.steps += 1
        keep = min(self.keep, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.mean, list(self.live), 1 - keep)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the live parameters and the average; a second call undoes the first."""
        for live, mean in zip(self.live, self.mean, strict=True):
            held = live.detach().clone()
            live.copy_(mean)
            mean.copy_(held)


class Log:
    """One JSON object a line; silent on every rank but the first."""

    def __init__(self, path: Path, rank: int) -> None:
        self.path, self.rank = path, rank

    def write(self, **fields: Any) -> None:
        if self.rank == 0:
            line = json.dumps({k: round(v, 6) if isinstance(v, float) else v for k, v in fields.items()})
            with self.path.open("a") as sink:
                sink.write(line + "\n")
            print(line, flush=True)


class Clock:
    """Elapsed training seconds, those of earlier runs included; all ranks read the first one's clock."""

    def __init__(self, before: float = 0.0) -> None:
        self.start = time.monotonic() - before

    def elapsed(self) -> float:
        return time.monotonic() - self.start


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint so that a crash leaves the old one whole."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def _enter(rank: int, work: Callable[[Job, int], None], job: Job, port: int) -> None:
    torch.set_num_threads(1 if job.device == "cpu" else 8)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    if job.ranks > 1:
        dist.init_process_group("gloo", rank=rank, world_size=job.ranks)
    torch.manual_seed(job.seed)  # all ranks build the same models
    work(job, rank)
    if job.ranks > 1:
        dist.destroy_process_group()


def run(work: Callable[[Job, int], None], job: Job, port: int) -> None:
    """Do `work` on the job's ranks and wait for all of them."""
    os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive", GOMP_SPINCOUNT="0")
    job.folder.mkdir(parents=True, exist_ok=True)
    (job.folder / "job.json").write_text(json.dumps(asdict(job), default=str, indent=1))
    if job.ranks == 1:
        _enter(0, work, job, port)
    else:
        mp.spawn(_enter, (work, job, port), nprocs=job.ranks)
