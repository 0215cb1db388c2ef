"""The whole life of jobs under whatever order of events hypothesis can think of, on both kinds of database.

Workers that are late, messages that come twice, leases that run out, members that cancel and delete at any
time. A small model says which claim holds; every write must agree with it, and money and states add up after
each step.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.errors import NotEnoughCredits
from core.jobs import FINAL_STATES, JobState
from db import claims, deliveries, jobs, keeping
from db.claims import Claim
from db.deliveries import DeliveryClaim
from db.engine import Database
from db.tables import Base, DeliveryRow, DeliveryState, JobRow
from tests.db.credit_rules import MEMBERS, CreditRules
from tests.db.studio import IMAGE_PRICE, LEASE_S, Studio

WORKERS = st.sampled_from(["left", "right"])
HOW = st.sampled_from(["progress", "finish", "fail", "cancel", "retry", "error", "release"])
#: Whether a worker is late: another has claimed the job after it.
LATE = st.sampled_from([False, False, False, True])


class JobLife(CreditRules):
    """Model: `holds` maps each running job to the one claim that may write about it.

    `carries` maps each delivery's one claim that may write about it to the job.
    """

    job_ids = Bundle("job_ids")
    #: Every claim there ever was; most are stale after a while.
    tokens = Bundle("tokens")
    parcels = Bundle("parcels")

    database: Database

    def __init__(self) -> None:
        super().__init__()
        with self.database.begin() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(delete(table))
        self.studio = Studio(self.database, credits=15 * IMAGE_PRICE)
        self.holds: dict[str, Claim] = {}
        self.by_interaction: dict[int, str] = {}
        self.carries: dict[DeliveryClaim, str] = {}
        #: Deliveries of bots that died, until another takes them.
        self.lapsed: set[int] = set()
        self.delivered: set[int] = set()

    @initialize(target=job_ids)
    def begin_busy(self) -> object:
        self.studio.worker("left")
        self.studio.worker("right")
        made = [
            self.studio.submit(1 + number % 3, interaction=number, count=1 + number) for number in range(4)
        ]
        self.by_interaction = {job.interaction_id: job.id for job in made}
        return multiple(*self.by_interaction.values())

    @rule(target=job_ids, member=MEMBERS, count=st.integers(1, 4), interaction=st.integers(0, 20))
    def submit(self, member: int, count: int, interaction: int) -> object:
        """Interaction ids come from a small range, so that many are repeated."""
        known = self.by_interaction.get(interaction)
        if known is not None:
            # Discord repeats the same member's interaction with the same options.
            with self.database.read() as session:
                row = session.get_one(JobRow, known)
                member, count, gone = row.member_id, row.image_count, row.deleted_at is not None
            if gone:
                return multiple()
        try:
            job = self.studio.submit(member, interaction=interaction, count=count)
        except NotEnoughCredits:
            assert known is None
            assert self.studio.balance(member) < IMAGE_PRICE * count
            return multiple()
        assert job.created == (known is None)
        assert job.id == self.by_interaction.setdefault(interaction, job.id)
        return job.id if job.created else multiple()

    @rule(target=tokens, worker=WORKERS, limit=st.integers(1, 4))
    def claim(self, worker: str, limit: int) -> object:
        """The worker takes what it may until it holds `limit` jobs."""
        taken: list[Claim] = []
        while claimed := self.studio.claim(worker, limit=limit):
            assert claimed.job.id not in self.holds
            self.keeps_to_its_limit(claimed.job.member_id)
            self.holds[claimed.job.id] = claimed.claim
            taken.append(claimed.claim)
        return multiple(*taken)

    @rule(token=tokens, late=LATE, images=st.integers(0, 3), how=HOW)
    def work(self, token: Claim, late: bool, images: int, how: str) -> None:
        """A worker, late or not, reports some images and then goes on or lets go."""
        token = self._choose(token, late)
        before = self._row(token.job_id)
        for index in range(min(images, before.image_count)):
            stored = self.studio.image(token, index)
            assert stored == (self._holds(token) and before.deleted_at is None)
        with self.database.begin() as session:
            assert _report(session, token, how) == self._holds(token)
        after = self._row(token.job_id)
        assert after.losses == before.losses
        assert after.counted_attempts == before.counted_attempts + self._blames(token, how, before)
        if self._holds(token) and how != "progress":
            del self.holds[token.job_id]
            with self.database.begin() as session:
                assert not _report(session, token, how)

    @rule(known=st.lists(tokens, max_size=4))
    def renew(self, known: list[Claim]) -> None:
        with self.database.begin() as session:
            result = claims.renew(session, known, LEASE_S)
        assert result.alive == {token for token in known if self._holds(token)}
        assert result.cancelled <= result.alive

    @rule(worker=WORKERS)
    def worker_dies(self, worker: str) -> None:
        with self.database.read() as session:
            lost = list(session.scalars(select(JobRow.id).where(JobRow.worker_id == worker)))
        blamed = {job_id for job_id in lost if self._row(job_id).suspect}
        counted = {job_id: self._row(job_id).counted_attempts for job_id in lost}
        for job_id in lost:
            self.studio.lose(job_id)
        with self.database.begin() as session:
            queued = keeping.expire_leases(session)
        assert set(queued) <= set(lost)
        for job_id in lost:
            assert self._row(job_id).state != JobState.RUNNING
            if job_id in queued:
                assert self._row(job_id).counted_attempts == counted[job_id] + (job_id in blamed)
            del self.holds[job_id]

    @rule(job_id=job_ids)
    def cancel(self, job_id: str) -> None:
        gone = self._row(job_id).deleted_at is not None
        with self.database.begin() as session:
            state = jobs.request_cancel(session, job_id)
        assert (state is None) == gone
        assert gone or state != JobState.QUEUED

    @rule(job_id=consumes(job_ids))
    def delete(self, job_id: str) -> None:
        with self.database.begin() as session:
            keys = jobs.delete_job(session, job_id)
            assert jobs.delete_job(session, job_id) == []
        assert len(set(keys)) == len(keys)
        self.carries = {parcel: carried for parcel, carried in self.carries.items() if carried != job_id}

    @rule(target=parcels, limit=st.integers(1, 3), died=st.booleans())
    def bot_takes(self, limit: int, died: bool) -> object:
        """A bot takes what is due, and where the one before it `died`, what that had."""
        with self.database.begin() as session:
            if died:
                _end_leases_of_deliveries(session)
            taken = deliveries.claim_deliveries(session, "bot", lease_s=LEASE_S, limit=limit)
        assert all(due.job.is_final and due.claim.delivery_id not in self.delivered for due in taken)
        assert all(len(due.images) == due.job.images_done for due in taken)
        again = {due.claim.delivery_id for due in taken}
        carried = {parcel.delivery_id for parcel in self.carries}
        if died:
            self.lapsed = set(carried)
        assert again & carried <= self.lapsed
        self.lapsed -= again
        self.carries = {
            parcel: job_id for parcel, job_id in self.carries.items() if parcel.delivery_id not in again
        }
        self.carries.update((due.claim, due.job.id) for due in taken)
        return multiple(*(due.claim for due in taken))

    @rule(parcel=parcels, put_off=st.booleans())
    def bot_delivers(self, parcel: DeliveryClaim, put_off: bool) -> None:
        """Once, or not at all, as often as it is told."""
        before = DeliveryClaim(parcel.delivery_id, parcel.attempt - 1)
        with self.database.begin() as session:
            told = [_deliver(session, claim, put_off) for claim in (before, parcel, parcel)]
        assert told == [False, parcel in self.carries, False]
        if self.carries.pop(parcel, None) and not put_off:
            self.delivered.add(parcel.delivery_id)

    @invariant()
    def everything_adds_up(self) -> None:
        self.studio.check()
        with self.database.read() as session:
            running = {
                row.id: row for row in session.scalars(select(JobRow).where(JobRow.state == JobState.RUNNING))
            }
            made = session.scalar(select(func.count()).select_from(JobRow))
        assert {job_id: Claim(job_id, row.attempt) for job_id, row in running.items()} == self.holds
        assert made == len(self.by_interaction)
        for row in running.values():
            company = [other for other in running.values() if other.worker_id == row.worker_id]
            assert not row.suspect or len(company) == 1

    def teardown(self) -> None:
        """Nothing is stuck: two healthy workers and a healthy bot bring everything to its end."""
        for token in list(self.holds.values()):
            assert self.studio.finish(token)
        while (claimed := self.studio.claim("left")) or (claimed := self.studio.claim("right")):
            assert self.studio.finish(claimed.claim)
        with self.database.begin() as session:
            _end_leases_of_deliveries(session)
            for due in deliveries.claim_deliveries(session, "bot", lease_s=LEASE_S, limit=1000):
                assert deliveries.delivered(session, due.claim, 1)
            ended = select(DeliveryRow.id).where(
                DeliveryRow.state.in_([DeliveryState.DUE, DeliveryState.CLAIMED])
            )
            assert session.scalars(ended).all() == []
            assert set(session.scalars(select(JobRow.state))) <= FINAL_STATES
        self.studio.check()

    def _row(self, job_id: str) -> JobRow:
        with self.database.read() as session:
            return session.get_one(JobRow, job_id)

    def _holds(self, token: Claim) -> bool:
        return self.holds.get(token.job_id) == token

    def _choose(self, token: Claim, late: bool) -> Claim:
        """A claim that holds, of which there are few; now and then the one before it, which is stale."""
        current = list(self.holds.values())
        if not current:
            return token
        holding = current[token.attempt % len(current)]
        return Claim(holding.job_id, holding.attempt - 1) if late else holding

    def _blames(self, token: Claim, how: str, row: JobRow) -> bool:
        return how == "error" and self._holds(token) and not row.cancel_requested


def _end_leases_of_deliveries(session: Session) -> None:
    carried = update(DeliveryRow).where(DeliveryRow.state == DeliveryState.CLAIMED)
    session.execute(carried.values(lease_until=0.0).execution_options(synchronize_session=False))


def _deliver(session: Session, parcel: DeliveryClaim, put_off: bool) -> bool:
    if put_off:
        return deliveries.defer_delivery(session, parcel, -1.0, "Discord is away")
    return deliveries.delivered(session, parcel, 1)


def _report(session: Session, token: Claim, how: str) -> bool:
    """A worker goes on with a job, or lets go of it in one of its ways; True where the claim held."""
    if how == "progress":
        return claims.progress(session, token, 1, 20)
    if how in ("retry", "error"):
        state = claims.retry(session, token, "It broke.", counts=how == "error")
        assert how == "error" or state != JobState.DEAD
        return state is not None
    if how == "fail":
        return claims.fail(session, token, "It cannot be done.")
    ends = {"finish": claims.finish, "cancel": claims.cancel_done, "release": claims.release}
    return ends[how](session, token)


def test_the_life_of_jobs(database: Database) -> None:
    class Life(JobLife):
        pass

    Life.database = database
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=20 if database.engine.dialect.name == "sqlite" else 10,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # Shrinking against a database takes minutes, and forty steps can be read as they are.
            phases=[Phase.reuse, Phase.generate],
        ),
    )
