"""Taking along what is kept about oneself, having it erased, and what is kept for a time only."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from actions.collect import new_collection
from actions.erase import erase
from actions.export import export
from actions.favourite import favourite
from actions.publish import publish
from actions.report import report
from actions.rights import Verb, may
from actions.sanction import sanction
from actions.studio import Studio
from actions.use_as_input import use_result
from core.errors import NotAllowed, NotEnoughCredits
from core.inputs import input_key
from core.jobs import ImageKind, JobState
from core.moderation import SanctionKind
from core.preferences import Level
from core.storage import image_key
from core.tiers import STANDARD
from db.account_tables import AccountTierRow
from db.base import Base
from db.claims import cancel_done, complete_image, fail
from db.copies import keep_copy
from db.deliveries import claim_deliveries, delivered
from db.exporting import objects_of
from db.images import NewImage
from db.jobs import Job, get_job, set_placeholder
from db.removals import claim_removals, removed
from db.settings import set_value
from db.tables import AccountRow, JobRow, LedgerRow
from tests.actions.hands import claim, store
from tests.actions.people import ANA, BEN, MODERATOR, make
from workers.sweep import expire, sweep

#: An id that nothing else could be mistaken for.
CLOE = replace(ANA, member_id=987_654_321_987_654_321, is_moderator=True)


def live(studio: Studio) -> tuple[Job, Job]:
    """A life in the studio; two of its jobs, one delivered and one of a second server, which waits."""
    done = make(studio, CLOE, prompt="a secret fox")
    store(studio, done)
    bens = make(studio, BEN)
    store(studio, bens)
    elsewhere = make(studio, replace(CLOE, guild_id=77), prompt="another secret")
    publish(studio, CLOE, done.id)
    favourite(studio, CLOE, bens.id)
    favourite(studio, BEN, done.id)
    new_collection(studio, CLOE, "Mine")
    use_result(studio, CLOE, done.id, 0)
    with studio.database.begin() as session:
        keep_copy(session, bens.id, member_id=CLOE.member_id, channel_id=30, message_id=40)
    report(studio, CLOE, bens.id)
    sanction(studio, CLOE, BEN, SanctionKind.STRIKE, reason="rude", lasts_s=None)
    sanction(
        studio, MODERATOR, replace(CLOE, is_moderator=False), SanctionKind.STRIKE, reason="rude", lasts_s=60
    )
    with studio.database.begin() as session:
        set_value(session, Level.MEMBER, CLOE.member_id, "steps", "7")
    return done, elsewhere


def traces(studio: Studio, needle: str) -> list[str]:
    """Columns of the whole database that hold a text, or a number that is written so."""
    found = []
    with studio.database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                found += [f"{table.name}.{name}" for name, value in row.items() if needle in str(value)]
    return found


def test_nothing_of_an_erased_member_is_left(studio: Studio) -> None:
    done, elsewhere = live(studio)
    assert len(set(traces(studio, str(CLOE.member_id)))) > 12
    export(studio, CLOE, limit=10)
    bens = export(studio, BEN, limit=10)
    assert bens.key is not None
    erased = [job.id for batch in erase(studio, CLOE) for job in batch]
    assert set(erased) == {done.id, elsewhere.id}
    with studio.database.read() as session:
        kept = {bens.key, *objects_of(session, BEN.member_id)}
    stored = [studio.storage.keys(folder) for folder in ("jobs/", "inputs/", "exports/")]
    assert {one.key for folder in stored for one in folder} == kept
    # A strike that counts goes on counting, and names its member; so does the member's own row.
    assert set(traces(studio, str(CLOE.member_id))) == {"members.id", "sanctions.member_id"}
    assert traces(studio, "secret") == []
    with studio.database.begin() as session:
        balances = session.execute(
            select(AccountRow.balance, func.sum(LedgerRow.amount))
            .join(LedgerRow, LedgerRow.account_id == AccountRow.id)
            .group_by(AccountRow.id, AccountRow.balance)
        ).all()
    assert all(balance == total for balance, total in balances)
    assert list(erase(studio, CLOE)) == []


def test_nothing_is_left_of_their_direct_messages(studio: Studio) -> None:
    channel, answer, copy = 111_222_333_444_555, 222_333_444_555_666, 333_444_555_666_777
    job = make(studio, replace(CLOE, guild_id=None, channel_id=channel))
    token = claim(studio)
    bens = make(studio, BEN)
    with studio.database.begin() as session:
        set_placeholder(session, job.id, channel_id=channel, message_id=answer, interaction_token="t")
        assert fail(session, token, "broken")
        (due,) = claim_deliveries(session, "bot", lease_s=60, limit=1)
        assert delivered(session, due.claim, answer)
        keep_copy(session, bens.id, member_id=CLOE.member_id, channel_id=channel, message_id=copy)
    assert all(traces(studio, str(one)) for one in (channel, answer, copy))
    list(erase(studio, CLOE))
    assert set(traces(studio, str(channel))) == {"message_removals.channel_id"}
    with studio.database.begin() as session:
        assert session.get_one(JobRow, job.id).interaction_id != job.interaction_id
        going = claim_removals(session, lease_s=60, limit=10)
        assert {one.message_id for one in going} == {answer, copy}
        for message in going:
            removed(session, message)
    assert [traces(studio, str(one)) for one in (channel, answer, copy)] == [[], [], []]


def test_whoever_was_erased_is_not_welcomed_with_credits_again(studio: Studio) -> None:
    make(studio, CLOE)
    list(erase(studio, CLOE))
    with pytest.raises(NotEnoughCredits):
        make(studio, CLOE)


def test_what_runs_while_its_member_is_erased_is_dropped(studio: Studio) -> None:
    job = make(studio, CLOE, count=2)
    token = claim(studio)
    list(erase(studio, CLOE))
    image = NewImage(
        index=0, kind=ImageKind.RESULT, key="k", sha256="0" * 64, width=8, height=8, bytes=8, recipe={}
    )
    with studio.database.begin() as session:
        assert not complete_image(session, token, image)
        assert session.get_one(JobRow, job.id).cancel_requested
        assert cancel_done(session, token)
    with studio.database.read() as session:
        row = session.get_one(JobRow, job.id)
        account = session.get_one(AccountRow, row.account_id)
        assert (row.state, account.balance) == ("cancelled", 100)
        assert row.member_id == account.member_id < 0
    assert traces(studio, str(CLOE.member_id)) == []


def test_a_ban_outlasts_the_erasing(studio: Studio) -> None:
    make(studio, ANA)
    sanction(studio, MODERATOR, ANA, SanctionKind.BAN, reason="she is a secret", lasts_s=None)
    list(erase(studio, ANA))
    assert traces(studio, "secret") == []
    with studio.database.read() as session, pytest.raises(NotAllowed, match="banned"):
        may(session, ANA, Verb.MAKE)


def test_an_archive_holds_everything(studio: Studio) -> None:
    done, elsewhere = live(studio)
    made = export(studio, CLOE, limit=10**9)
    assert made.data is not None
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        names = set(archive.namelist())
        assert f"pictures/{done.id}/0.png" in names
        assert archive.read(f"pictures/{done.id}/0.png") == studio.storage.get(image_key(done.id, 0))
        jobs = [json.loads(line) for line in archive.read("jobs.jsonl").splitlines()]
        assert {job["id"] for job in jobs} == {done.id, elsewhere.id}
        assert "interaction_token" not in jobs[0]
        tables = {trace.partition(".")[0] for trace in traces(studio, str(CLOE.member_id))}
        for name in (*tables - {"job_words"}, "ledger", "account_tiers"):
            assert archive.read(f"{name}.jsonl"), name
        (held,) = [json.loads(line) for line in archive.read("held_inputs.jsonl").splitlines()]
        assert archive.read(f"given/{held['sha256']}.png") == studio.storage.get(input_key(held["sha256"]))
        audit = [json.loads(line) for line in archive.read("audit.jsonl").splitlines()]
        # Those who moderate are not named to whom they sanction.
        assert {(entry.get("actor_id"), entry["subject"]) for entry in audit} == {
            (CLOE.member_id, str(BEN.member_id)),
            (None, str(CLOE.member_id)),
        }
        (strike,) = [json.loads(line) for line in archive.read("sanctions.jsonl").splitlines()]
        assert strike["reason"] == "rude" and "by_id" not in strike


def test_a_large_archive_lies_in_the_storage_for_a_day(studio: Studio) -> None:
    live(studio)
    made = export(studio, CLOE, limit=10)
    assert made.data is None and made.key is not None and made.key.startswith("exports/")
    assert zipfile.is_zipfile(io.BytesIO(studio.storage.get(made.key)))
    assert sweep(studio.database, studio.storage) == 0
    sweep(studio.database, studio.storage, now=datetime.now(UTC) + timedelta(days=2))
    assert not studio.storage.exists(made.key)


def test_pictures_are_kept_as_long_as_the_tier_says(studio: Studio) -> None:
    kept, old, published = (make(studio, ANA) for _ in range(3))
    for job in (kept, old, published):
        store(studio, job)
    publish(studio, ANA, published.id)
    with studio.database.begin() as session:
        session.execute(update(AccountTierRow).values(retention=3))
        ended = {"state": JobState.DONE, "lease_until": None, "worker_id": None}
        session.execute(update(JobRow).values(finished_at=JobRow.created_at - 4 * 86_400, **ended))
        session.execute(
            update(JobRow).where(JobRow.id == kept.id).values(finished_at=JobRow.created_at - 86_400)
        )
    assert STANDARD.retention is None
    assert expire(studio.database, studio.storage) == 1
    with studio.database.read() as session:
        left = {job.id: get_job(session, job.id) is not None for job in (kept, old, published)}
    assert left == {kept.id: True, old.id: False, published.id: True}
    assert not studio.storage.exists(image_key(old.id, 0))
