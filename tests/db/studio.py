"""A studio in miniature for tests of `db/`: members submit, workers claim, the clock is moved by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from sqlalchemy import func, select, update

from core.jobs import ImageKind, JobState
from core.moderation import ImagePolicy
from core.request import Axis, Request
from core.stages import Decode, Denoise, EncodeImage, EncodeText, Stage
from db import accounts, claims, jobs, workers
from db.claiming import claim_next
from db.claims import Claim, ClaimedJob
from db.engine import Database
from db.images import NewImage
from db.jobs import Job
from db.submitting import NewJob, submit
from db.tables import AccountRow, DeliveryRow, DeliveryState, JobRow, LedgerRow
from tests.model_specs import model_spec

GUILD = 10
IMAGE_PRICE = 3
LEASE_S = 30.0


def request(
    *,
    count: int = 1,
    model: str = "starter",
    steps: int = 5,
    image: str | None = None,
    axes: tuple[Axis, ...] = (),
    side: int = 64,
) -> Request:
    """Text to image or, given a picture's SHA-256, image to image."""
    denoise = Denoise(
        sampler="DDIM", schedule="normal", steps=steps, guidance_scale=7.0, width=side, height=side
    )
    stages: tuple[Stage, ...] = (EncodeText(prompt="a red fox"), denoise, Decode())
    if image is not None:
        source = EncodeImage(image=image, width=side, height=side)
        stages = (EncodeText(prompt="a red fox"), source, replace(denoise, strength=0.5), Decode())
    return Request(model=model, seed=1, stages=stages, count=count, axes=axes, typed_prompt="a red fox")


def job_row(account: int, number: int, **changes: object) -> dict[str, object]:
    """The row of a job that waits, for many at once; it is not paid for."""
    return {
        "id": f"J{number:08}",
        "account_id": account,
        "member_id": 1,
        "channel_id": 1,
        "interaction_id": 10_000 + number,
        "request": request().to_json(),
        "model": "starter",
        "image_price": IMAGE_PRICE,
        "image_count": 1,
        "turn": float(number),
        "share": 1.0,
        "work": 1.0,
        "total_steps": 5,
        **changes,
    }


class Studio:
    """Each method is one transaction, as a process would make it."""

    def __init__(self, database: Database, *, credits: int = 1000) -> None:
        self.database = database
        self.credits = credits
        self._interactions = count(1)
        self._images = count(1)

    def account(self, member: int) -> int:
        with self.database.begin() as session:
            return accounts.account_for(session, GUILD, member, self.credits).id

    def submit(
        self, member: int = 1, *, interaction: int | None = None, age_s: float = 0.0, **options: object
    ) -> Job:
        """Queue a job that is `age_s` old; `options` are those of `request`."""
        order = request(**options)  # type: ignore[arg-type]
        return self.order(order, member=member, interaction=interaction, age_s=age_s)

    def order(
        self,
        order: Request,
        *,
        member: int = 1,
        interaction: int | None = None,
        age_s: float = 0.0,
        policy: ImagePolicy = ImagePolicy.BLOCK,
    ) -> Job:
        """Queue a job for this request."""
        account = self.account(member)
        new = NewJob(
            account_id=account,
            member_id=member,
            guild_id=GUILD,
            channel_id=20,
            interaction_id=next(self._interactions) if interaction is None else interaction,
            request=order,
            image_price=IMAGE_PRICE,
            image_policy=policy,
        )
        with self.database.begin() as session:
            job = submit(session, new)
        if age_s:
            self.move(job.id, created_at=-age_s, available_at=-age_s)
        return job

    def worker(self, name: str = "worker", *, models: tuple[str, ...] = ("starter",)) -> str:
        with self.database.begin() as session:
            info = workers.WorkerInfo(id=name, host="host", device="cpu")
            workers.register_worker(session, info, [model_spec(model) for model in models])
        return name

    def claim(
        self,
        worker: str = "worker",
        *,
        models: tuple[str, ...] | None = None,
        resident: tuple[str, ...] = (),
        limit: int = 100,
    ) -> ClaimedJob | None:
        """Claim a job, having offered `models` from now on where they are given."""
        if models is not None:
            self.worker(worker, models=models)
        with self.database.begin() as session:
            return claim_next(session, worker, lease_s=LEASE_S, limit=limit, resident=resident)

    def take(self, worker: str = "worker", **options: object) -> ClaimedJob:
        """A claim that must succeed."""
        claimed = self.claim(worker, **options)  # type: ignore[arg-type]
        assert claimed is not None
        return claimed

    def image(self, claim: Claim, index: int = 0, kind: ImageKind = ImageKind.RESULT) -> bool:
        number = next(self._images)
        image = NewImage(
            index=index,
            kind=kind,
            key=f"jobs/{claim.job_id}/{kind}-{index}.png",
            sha256=f"{number:064}",
            width=64,
            height=64,
            bytes=1000,
            recipe={"seed": index},
        )
        with self.database.begin() as session:
            return claims.complete_image(session, claim, image)

    def finish(self, claim: Claim) -> bool:
        with self.database.begin() as session:
            return claims.finish(session, claim)

    def lose(self, job_id: str) -> None:
        """Its lease runs out."""
        self.move(job_id, lease_until=-10 * LEASE_S)

    def move(self, job_id: str, **seconds: float) -> None:
        """Shift times of a job."""
        values = {name: getattr(JobRow, name) + shift for name, shift in seconds.items()}
        with self.database.begin() as session:
            session.execute(update(JobRow).where(JobRow.id == job_id).values(values))

    def make_unreadable(self, job_id: str) -> None:
        """As an update would that drops the sampler it was ordered with."""
        stored = request().to_json()
        stored["stages"][1]["sampler"] = "Dropped"
        with self.database.begin() as session:
            session.execute(update(JobRow).where(JobRow.id == job_id).values(request=stored))

    def job(self, job_id: str) -> Job:
        with self.database.read() as session:
            job = jobs.get_job(session, job_id)
        assert job is not None
        return job

    def balance(self, member: int = 1) -> int:
        with self.database.read() as session:
            return session.scalars(select(AccountRow.balance).where(AccountRow.member_id == member)).one()

    def deliveries(self, job_id: str) -> list[DeliveryState]:
        with self.database.read() as session:
            return list(session.scalars(select(DeliveryRow.state).where(DeliveryRow.job_id == job_id)))

    def check(self) -> None:
        """What must hold at all times."""
        with self.database.read() as session:
            sums = dict(
                session.execute(
                    select(LedgerRow.account_id, func.sum(LedgerRow.amount)).group_by(LedgerRow.account_id)
                )
                .tuples()
                .all()
            )
            for account in session.scalars(select(AccountRow)):
                assert account.balance == sums.get(account.id, 0) >= 0
            charges = dict(
                session.execute(
                    select(LedgerRow.job_id, -func.sum(LedgerRow.amount)).group_by(LedgerRow.job_id)
                )
                .tuples()
                .all()
            )
            owed = set(session.scalars(select(DeliveryRow.job_id)))
            for row in session.scalars(select(JobRow)):
                final = row.state not in (JobState.QUEUED, JobState.RUNNING)
                images = row.images_done if final else row.image_count
                assert charges[row.id] == row.image_price * images
                assert (row.id in owed) <= final
                assert row.deleted_at is not None or (row.id in owed) == final
