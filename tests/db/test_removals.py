"""Messages that are to go: each is taken under a lease, until it is gone."""

from __future__ import annotations

from sqlalchemy import select, update

from db.copies import keep_copy, remove_copies_of, remove_messages_of
from db.copy_tables import CopyRow, MessageRemovalRow
from db.jobs import delete_job, set_placeholder
from db.removals import Removal, claim_removals, remove_later, remove_messages, removed
from tests.db.studio import Studio

WHERE = {"channel_id": 20, "message_id": 30}


def claim(studio: Studio, limit: int = 10) -> list[Removal]:
    with studio.database.begin() as session:
        return claim_removals(session, lease_s=60, limit=limit)


def messages(studio: Studio) -> set[tuple[int, int]]:
    with studio.database.read() as session:
        rows = session.execute(select(MessageRemovalRow.channel_id, MessageRemovalRow.message_id))
        return set(rows.tuples())


def test_a_message_is_tried_under_a_lease_until_it_is_gone(studio: Studio) -> None:
    with studio.database.begin() as session:
        remove_messages(session, [(1, 11), (1, 12)])
        remove_messages(session, [(1, 11)])
    assert {one.message_id for one in claim(studio, 1) + claim(studio)} == {11, 12}
    assert claim(studio) == [], "they are being tried"
    with studio.database.begin() as session:
        session.execute(update(MessageRemovalRow).values(due_at=0.0))
    first, second = sorted(claim(studio), key=lambda one: one.message_id)
    assert first.attempt == second.attempt == 2 and first.age_s >= 0.0
    with studio.database.begin() as session:
        removed(session, first)
        remove_later(session, second, -1.0)
    assert [(one.message_id, one.attempt) for one in claim(studio)] == [(12, 3)]


def test_what_is_noted_last_goes_first(studio: Studio) -> None:
    for number in range(3):
        with studio.database.begin() as session:
            remove_messages(session, [(1, number)])
            session.execute(update(MessageRemovalRow).values(due_at=MessageRemovalRow.due_at - 10))
    assert [claim(studio, 1)[0].message_id for _ in range(3)] == [2, 1, 0]


def test_a_jobs_messages_go_with_it(studio: Studio) -> None:
    job = studio.submit()
    with studio.database.begin() as session:
        assert set_placeholder(session, job.id, **WHERE, interaction_token="t")
        assert keep_copy(session, job.id, member_id=7, channel_id=21, message_id=31)
    with studio.database.begin() as session:
        delete_job(session, job.id)
        remove_messages_of(session, job.id)
        assert session.scalars(select(CopyRow)).all() == []
    assert messages(studio) == {(20, 30), (21, 31)}


def test_a_message_that_is_sent_too_late_goes_at_once(studio: Studio) -> None:
    job = studio.submit()
    with studio.database.begin() as session:
        delete_job(session, job.id)
        remove_messages_of(session, job.id)
    assert messages(studio) == set()
    with studio.database.begin() as session:
        assert not set_placeholder(session, job.id, **WHERE, interaction_token="t")
        assert not keep_copy(session, job.id, member_id=7, channel_id=21, message_id=31)
    assert messages(studio) == {(20, 30), (21, 31)}


def test_a_members_copies_go_and_others_stay(studio: Studio) -> None:
    job = studio.submit()
    with studio.database.begin() as session:
        for member_id in (7, 8):
            keep_copy(session, job.id, member_id=member_id, channel_id=20 + member_id, message_id=member_id)
        remove_copies_of(session, 7)
        assert session.scalars(select(CopyRow.member_id)).all() == [8]
    assert messages(studio) == {(27, 7)}
