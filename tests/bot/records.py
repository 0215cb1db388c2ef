"""What the database says of jobs and deliveries, and what a test changes in it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import func, select, update

from db import accounts, jobs
from db.deliveries import claim_deliveries
from db.engine import Database
from db.jobs import Job
from db.tables import DeliveryRow, DeliveryState, JobRow, LedgerRow


@dataclass(frozen=True, kw_only=True)
class Records:
    """The studio's database, as a test reads it and changes it behind the bot's back."""

    database: Database

    def jobs(self) -> list[Job]:
        with self.database.read() as session:
            rows = session.scalars(
                select(JobRow).where(JobRow.deleted_at.is_(None)).order_by(JobRow.created_at)
            )
            return [jobs.job_of(row) for row in rows]

    def only_job(self) -> Job:
        (job,) = self.jobs()
        return job

    def delivery(self, job_id: str) -> tuple[DeliveryState, str | None]:
        with self.database.read() as session:
            row = session.scalars(select(DeliveryRow).where(DeliveryRow.job_id == job_id)).one()
            return row.state, row.reason

    def delivery_attempts(self, job_id: str) -> int:
        """How often its delivery was claimed."""
        with self.database.read() as session:
            return session.scalars(select(DeliveryRow.attempt).where(DeliveryRow.job_id == job_id)).one()

    async def settled(self, job_id: str) -> tuple[DeliveryState, str | None]:
        """The delivery's state once it is final."""
        async with asyncio.timeout(30):
            while (found := self.delivery(job_id))[0] in (DeliveryState.DUE, DeliveryState.CLAIMED):
                await asyncio.sleep(0.02)
        return found

    def make_due(self, job_id: str) -> None:
        """A deferred delivery need not wait any more."""
        with self.database.begin() as session:
            session.execute(update(DeliveryRow).where(DeliveryRow.job_id == job_id).values(due_at=0.0))

    def claim_for_a_dead_bot(self, job_id: str) -> None:
        """A bot took the delivery and died; its lease has run out."""
        with self.database.begin() as session:
            claim_deliveries(session, "dead", lease_s=60, limit=10)
            session.execute(update(DeliveryRow).where(DeliveryRow.job_id == job_id).values(lease_until=0.0))

    def age(self, job_id: str, seconds: float) -> None:
        """The job was submitted so much earlier."""
        with self.database.begin() as session:
            session.execute(
                update(JobRow).where(JobRow.id == job_id).values(created_at=JobRow.created_at - seconds)
            )

    def lose_placeholder(self, job: Job) -> None:
        """Its message's id was never stored."""
        with self.database.begin() as session:
            jobs.set_placeholder(
                session,
                job.id,
                channel_id=job.channel_id,
                message_id=None,
                interaction_token=job.interaction_token,
            )

    def leave_credits(self, account_id: int, credits: int) -> None:
        """The account has so many left."""
        with self.database.begin() as session:
            accounts.grant(
                session, account_id, credits - accounts.balance(session, account_id), reason="test"
            )

    def spent(self) -> int:
        """Credits of all holds and refunds."""
        with self.database.read() as session:
            total = session.scalar(select(func.sum(LedgerRow.amount)).where(LedgerRow.job_id.is_not(None)))
        return -(total or 0)
