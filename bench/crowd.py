"""A crowd of members and a few workers in virtual time, over the real queries of `db/`.

Only time is made up: SQL's `now()` reads a table that the simulation moves on. Jobs are submitted, claimed,
reported on and settled by the functions that the bot and the workers call.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import count
from random import Random

from sqlalchemy import update

from bench.virtual_time import pass_time
from core.jobs import ImageKind
from core.model_spec import ModelSpec
from core.price import image_price
from core.request import Request
from core.stages import Decode, Denoise, EncodeText
from db import accounts, claims, submitting, workers
from db.claiming import claim_next
from db.engine import Database
from db.images import NewImage
from db.queue import queue_position
from db.tables import AccountRow
from tests.model_specs import model_spec

GUILD = 10
_CREDITS = 1_000_000
#: Seconds of a worker for a unit of work, by model.
SPEEDS = {"small": 0.8e-6, "large": 2.4e-6}
#: Pictures beside which a worker takes no more jobs.
_WIDTH = 8
#: What a step costs however many pictures are in it, as a share of a step with one.
_FIXED = 0.35
_LEASE_S = 1e9


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a member asks for, and when (seconds from the start)."""

    at: float
    member: int
    model: str = "small"
    steps: int = 20
    side: int = 512
    pictures: int = 1

    @property
    def request(self) -> Request:
        denoise = Denoise(
            sampler="Euler",
            schedule="normal",
            steps=self.steps,
            guidance_scale=7.0,
            width=self.side,
            height=self.side,
        )
        stages = (EncodeText(prompt="a red fox"), denoise, Decode())
        return Request(model=self.model, seed=1, stages=stages, count=self.pictures)


@dataclass(kw_only=True)
class Told:
    """One job: what its member was told, and what came of it."""

    order: Order
    #: As it was told at submission; None where nothing was known.
    eta_s: float | None
    actual_s: float = math.nan

    @property
    def error(self) -> float:
        """|ETA - actual| / actual."""
        return math.inf if self.eta_s is None else abs(self.eta_s - self.actual_s) / self.actual_s


@dataclass(kw_only=True)
class _Running:
    claim: claims.Claim
    pictures: int
    total_steps: int
    #: Seconds of the worker that each picture takes alone, and what is left of them.
    each_s: float
    left_s: float


@dataclass(kw_only=True)
class _Worker:
    id: str
    running: list[_Running] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)

    @property
    def pictures(self) -> int:
        return sum(job.pictures for job in self.running)

    @property
    def rate(self) -> float:
        """How much of a second of its own each picture gets in a second."""
        return 1 / (_FIXED + (1 - _FIXED) * self.pictures) if self.running else 0.0

    def next_end_in(self) -> float:
        return min((job.left_s for job in self.running), default=math.inf) / (self.rate or 1.0)

    def pass_time(self, seconds: float) -> None:
        rate = self.rate
        for job in self.running:
            job.left_s -= seconds * rate


class Crowd:
    """Plays orders through, one after the other in virtual time.

    Args:
        tells: members are told an ETA, of which the jobs' progress is a part.
    """

    def __init__(self, database: Database, *, workers: int = 2, seed: int = 0, tells: bool = True) -> None:
        self._database = database
        self._tells = tells
        self._rng = Random(seed)
        self._team = [_Worker(id=f"worker-{number}") for number in range(workers)]
        self._numbers = count(1)
        self._time = 0.0
        self._told: dict[str, Told] = {}
        self._submitted_at: dict[str, float] = {}
        for worker in self._team:
            self._register(worker)

    def set_weight(self, member: int, weight: float) -> None:
        """A member's share of the workers relative to others."""
        with self._database.begin() as session:
            account = accounts.account_for(session, GUILD, member, _CREDITS)
            session.execute(update(AccountRow).where(AccountRow.id == account.id).values(weight=weight))

    def play(self, orders: list[Order]) -> list[Told]:
        """Every job in the order in which they were done."""
        coming = sorted(orders, key=lambda order: order.at)
        done: list[Told] = []
        while coming or any(worker.running for worker in self._team):
            worker = min(self._team, key=_Worker.next_end_in)
            end_at = self._time + worker.next_end_in()
            if coming and coming[0].at <= end_at:
                self._pass_to(coming[0].at)
                if self._tells:
                    self._report()
                self._submit(coming.pop(0))
            else:
                self._pass_to(end_at)
                done.append(self._end(worker))
            for free in sorted(self._team, key=lambda worker: worker.pictures):
                while free.pictures < _WIDTH and self._claim(free):
                    pass
        return done

    def _pass_to(self, at: float) -> None:
        for worker in self._team:
            worker.pass_time(at - self._time)
        with self._database.begin() as session:
            pass_time(session, at - self._time)
            for worker in self._team:
                workers.worker_alive(session, worker.id)
        self._time = at

    def _submit(self, order: Order) -> None:
        with self._database.begin() as session:
            account = accounts.account_for(session, GUILD, order.member, _CREDITS)
            new = submitting.NewJob(
                account_id=account.id,
                member_id=order.member,
                guild_id=GUILD,
                channel_id=1,
                interaction_id=next(self._numbers),
                request=order.request,
                image_price=image_price(order.request),
            )
            job = submitting.submit(session, new)
        self._told[job.id] = Told(order=order, eta_s=self._eta(job.id) if self._tells else None)
        self._submitted_at[job.id] = self._time

    def _eta(self, job_id: str) -> float | None:
        with self._database.read() as session:
            place = queue_position(session, job_id)
        assert place is not None
        return place.eta_s

    def _claim(self, worker: _Worker) -> bool:
        with self._database.begin() as session:
            claimed = claim_next(session, worker.id, lease_s=_LEASE_S, limit=100, resident=worker.loaded)
        if claimed is None:
            return False
        order = self._told[claimed.job.id].order
        work = order.steps * order.side**2
        # Words, decoding and chance: no two jobs take the same.
        alone_s = work * SPEEDS[order.model] * self._rng.lognormvariate(0.0, 0.1) + 0.1
        worker.loaded.add(order.model)
        worker.running.append(
            _Running(
                claim=claimed.claim,
                pictures=order.pictures,
                total_steps=claimed.job.total_steps,
                each_s=alone_s,
                left_s=alone_s,
            )
        )
        return True

    def _report(self) -> None:
        """Tell how far the jobs are, as workers do twice a second."""
        with self._database.begin() as session:
            for job in (job for worker in self._team for job in worker.running):
                step = int(job.total_steps * (1 - max(0.0, job.left_s) / job.each_s))
                assert claims.progress(session, job.claim, step, job.total_steps)

    def _end(self, worker: _Worker) -> Told:
        job = min(worker.running, key=lambda job: job.left_s)
        worker.running.remove(job)
        with self._database.begin() as session:
            for index in range(job.pictures):
                assert claims.complete_image(session, job.claim, _picture(job.claim.job_id, index))
            assert claims.finish(session, job.claim)
        told = self._told[job.claim.job_id]
        told.actual_s = self._time - self._submitted_at[job.claim.job_id]
        return told

    def _register(self, worker: _Worker) -> None:
        info = workers.WorkerInfo(id=worker.id, host="host", device="simulated")
        with self._database.begin() as session:
            workers.register_worker(session, info, [_spec(name) for name in SPEEDS])


def mixed_orders(jobs: int, *, members: int = 12, seed: int = 0) -> list[Order]:
    """Orders as on a lively evening: a few members ask often, in bursts, for all sorts of pictures."""
    rng = Random(seed)
    often = [1 / rank for rank in range(1, members + 1)]
    orders: list[Order] = []
    at = 0.0
    while len(orders) < jobs:
        at += rng.expovariate(1 / 22.0)
        member = rng.choices(range(1, members + 1), often)[0]
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            at += rng.expovariate(1 / 2.0)
            orders.append(_any_order(rng, at, member))
    return orders[:jobs]


def _any_order(rng: Random, at: float, member: int) -> Order:
    return Order(
        at=at,
        member=member,
        model=rng.choice(["small", "small", "large"]),
        steps=rng.choice([10, 20, 20, 30, 50]),
        side=rng.choice([512, 512, 768]),
        pictures=rng.choice([1, 1, 2, 4]),
    )


def _picture(job_id: str, index: int) -> NewImage:
    return NewImage(
        index=index,
        kind=ImageKind.RESULT,
        key=f"jobs/{job_id}/{index}.png",
        sha256="0" * 64,
        width=64,
        height=64,
        bytes=1,
        recipe={},
    )


def _spec(name: str) -> ModelSpec:
    return model_spec(name, name, native_side=512, min_side=64, max_side=1024)
