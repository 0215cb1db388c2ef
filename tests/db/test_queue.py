"""Where a job stands, when it can be expected, and what a claim costs with thousands queued."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, update

from core.addon_spec import AddonKind, AddonSpec
from core.needs import MODEL
from db import addons, claims, queue
from db.account_tables import WorkerClockRow
from db.queue import QueuePosition, QueueSize
from db.routing_tables import JobNeedRow
from db.tables import JobRow
from tests.db.plans import plans_of
from tests.db.studio import Studio, job_row


def _position(studio: Studio, job_id: str) -> QueuePosition | None:
    with studio.database.read() as session:
        return queue.queue_position(session, job_id)


def test_positions_follow_the_turns(studio: Studio) -> None:
    first, second = studio.submit(member=1), studio.submit(member=1)
    other = studio.submit(member=2)
    places = [_position(studio, job.id) for job in (first, other, second)]
    assert [place.position for place in places if place] == [1, 2, 3]
    assert [place.eta_s for place in places if place] == [None, None, None]
    studio.take()
    assert _position(studio, first.id) == QueuePosition(position=0, ahead=0, eta_s=None)
    with studio.database.read() as session:
        assert queue.queue_size(session) == QueueSize(queued=2, running=1)


def test_the_estimate_is_learnt_from_finished_jobs(studio: Studio) -> None:
    done = studio.submit()
    claim = studio.take(resident=("starter",)).claim
    studio.image(claim)
    with studio.database.begin() as session:
        session.execute(update(WorkerClockRow).values(read_at=WorkerClockRow.read_at - 1000.0))
    studio.finish(claim)
    assert _position(studio, done.id) is None

    twice = studio.submit(count=2)
    place = _position(studio, twice.id)
    assert place is not None
    assert place.eta_s == pytest.approx(2000.0, rel=0.3)
    behind = studio.submit(count=1)
    claim = studio.take().claim
    with studio.database.begin() as session:
        claims.progress(session, claim, 5, 10)
    running, waiting = _position(studio, twice.id), _position(studio, behind.id)
    assert running is not None
    assert waiting is not None
    # A thousand seconds of its own are left, and the other joins it at once: three pictures side by side.
    assert running.eta_s == pytest.approx(1500.0, rel=0.3)
    assert waiting.eta_s == pytest.approx(2000.0, rel=0.3)


def test_a_claim_walks_an_index_however_long_the_queue(studio: Studio) -> None:
    account = studio.account(1)
    with studio.database.begin() as session:
        queued = [job_row(account, number) for number in range(5000)]
        session.execute(insert(JobRow), queued)
        for kind, name in ((MODEL, "starter"), ("vae", "crisp")):
            needs = [{"job_id": job["id"], "kind": kind, "name": name} for job in queued]
            session.execute(insert(JobNeedRow), needs)
        addons.register_addons(session, "worker", _many_addons())
        session.connection().exec_driver_sql("ANALYZE")
    plans = plans_of(studio.database, lambda: [studio.take() for _ in range(3)], "ORDER BY")
    with studio.database.begin() as session:
        # They were never paid for.
        session.execute(delete(JobRow))
    in_order = [plan for plan in plans if "ix_jobs_state_turn" in plan]
    assert in_order
    # PostgreSQL sorts what is equal, group by group, and SQLite does so to the right of the index.
    for plan in in_order:
        assert "Incremental Sort" in plan or "RIGHT PART OF ORDER BY" in plan or "LAST" in plan, plan
        # Who has as many running as they may is asked of what runs, not of all jobs.
        assert "ix_jobs_running" in plan, plan


def _many_addons() -> list[AddonSpec]:
    kinds = [AddonKind.VAE, AddonKind.LORA, AddonKind.LYCORIS]
    names = ["crisp", *(f"name-{number}" for number in range(300))]
    return [AddonSpec(kind=kind, name=name, title=name) for kind in kinds for name in names]
