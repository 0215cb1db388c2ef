"""Votes: whose count, how many at once, and the messages that they bring, on both kinds of database."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from actions.appeal import appeal, decide_appeal
from actions.delete import delete
from actions.favourite import favourite
from actions.gallery import browse, set_account_age, set_channel, set_threshold
from actions.person import Person
from actions.publish import publish, unpublish
from actions.sanction import lift, sanction
from actions.studio import Studio
from actions.takedown import take_down
from core.errors import NotAllowed
from core.gallery import Order, PostKind
from core.moderation import SanctionKind
from db import gallery, recounts
from db.clock import now
from db.gallery import entry_of
from db.gallery_posts import claim_posts
from db.gallery_tables import GalleryPostRow
from db.sanctions import impose
from db.tables import ImageRow
from tests.actions.people import ADMIN, ANA, BEN, GUILD, MODERATOR
from tests.actions.test_gallery import picture, published
from tests.workers.workplace import wait_for
from workers import sweep


def votes(studio: Studio, job_id: str) -> int:
    with studio.database.read() as session:
        entry = entry_of(session, job_id)
    assert entry is not None
    return entry.votes


def due(studio: Studio) -> list[tuple[PostKind, int]]:
    """Messages that the bot has to look at, later ones included."""
    with studio.database.begin() as session:
        session.execute(update(GalleryPostRow).values(due_at=0.0))
        return [(post.kind, post.subject_id) for post in claim_posts(session, lease_s=0.0, limit=50)]


def test_votes_count_once_for_others_of_age_who_are_not_banned(studio: Studio) -> None:
    entry = published(studio)
    assert favourite(studio, BEN, entry.job_id) and votes(studio, entry.job_id) == 1
    favourite(studio, BEN, entry.job_id, wanted=True)
    assert votes(studio, entry.job_id) == 1
    favourite(studio, ANA, entry.job_id)
    assert votes(studio, entry.job_id) == 1, "none for oneself"
    young = replace(BEN, member_id=2**62)
    favourite(studio, young, entry.job_id)
    assert votes(studio, entry.job_id) == 1, "that account is of the future"
    sanction(studio, MODERATOR, BEN, SanctionKind.BAN, reason="spam", lasts_s=None)
    assert votes(studio, entry.job_id) == 0
    with pytest.raises(NotAllowed):
        favourite(studio, BEN, entry.job_id, wanted=True)
    lift(studio, MODERATOR, BEN, SanctionKind.BAN)
    assert votes(studio, entry.job_id) == 1
    ban = sanction(studio, MODERATOR, BEN, SanctionKind.BAN, reason="spam", lasts_s=None).sanction
    appeal(studio, BEN, "it was not me")
    decide_appeal(studio, MODERATOR, ban.id, granted=True)
    assert votes(studio, entry.job_id) == 1
    favourite(studio, BEN, entry.job_id, wanted=False)
    assert votes(studio, entry.job_id) == 0


def test_the_keeper_counts_again_after_a_ban_that_ran_out_or_was_not_counted(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = published(studio)
    favourite(studio, BEN, entry.job_id)
    sanction(studio, MODERATOR, BEN, SanctionKind.BAN, reason="spam", lasts_s=0.2)
    assert votes(studio, entry.job_id) == 0
    monkeypatch.setattr(sweep, "_LOOK_EVERY_S", 0.01)
    sweeper = sweep.Sweeper(studio.database, studio.storage, lambda: True)
    sweeper.start()
    try:
        wait_for(lambda: votes(studio, entry.job_id) == 1)
        with studio.database.begin() as session:
            # Whoever banned was stopped before they had counted.
            impose(
                session,
                SanctionKind.BAN,
                guild_id=GUILD,
                member_id=BEN.member_id,
                reason="spam",
                by_id=MODERATOR.member_id,
                lasts_s=None,
            )
        wait_for(lambda: votes(studio, entry.job_id) == 0)
    finally:
        sweeper.close()


def test_votes_are_counted_anew_some_at_a_time(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [published(studio).job_id for _ in range(5)]
    for job_id in jobs:
        favourite(studio, BEN, job_id)
    counted: list[int] = []

    def noted(session: Session, job_ids: Sequence[str]) -> None:
        counted.append(len(job_ids))
        gallery.recount_all(session, job_ids)

    monkeypatch.setattr(recounts, "recount_all", noted)
    monkeypatch.setattr(recounts, "_AT_ONCE", 2)
    sanction(studio, MODERATOR, BEN, SanctionKind.BAN, reason="spam", lasts_s=None)
    assert counted == [2, 2, 1] and {votes(studio, job_id) for job_id in jobs} == {0}
    lift(studio, MODERATOR, BEN, SanctionKind.BAN)
    assert {votes(studio, job_id) for job_id in jobs} == {1}


def test_votes_given_before_it_was_published_count(studio: Studio) -> None:
    job = picture(studio)
    favourite(studio, BEN, job.id)
    assert publish(studio, ANA, job.id).entry.votes == 1


def test_the_age_of_accounts_is_the_servers_to_set(studio: Studio) -> None:
    entry = published(studio)
    with studio.database.read() as session:
        now_s = session.scalars(select(now())).one()
    two_days = int((now_s - 1_420_070_400 - 2 * 86_400) * 1000) << 22
    favourite(studio, replace(BEN, member_id=two_days), entry.job_id)
    assert votes(studio, entry.job_id) == 0
    set_account_age(studio, ADMIN, 1)
    assert votes(studio, entry.job_id) == 1
    set_account_age(studio, ADMIN, 3)
    assert votes(studio, entry.job_id) == 0


def test_concurrent_votes_are_all_counted(studio: Studio) -> None:
    """While it is being published, too, and with some taken back."""
    job = picture(studio)
    people = [replace(BEN, member_id=100 + number) for number in range(24)]

    def vote(person: Person) -> None:
        for _ in range(2):
            favourite(studio, person, job.id, wanted=True)
        if person.member_id % 3 == 0:
            favourite(studio, person, job.id, wanted=False)

    with ThreadPoolExecutor(8) as pool:
        pending = [pool.submit(vote, person) for person in people]
        publish(studio, ANA, job.id)
        for one in pending:
            one.result()
    assert votes(studio, job.id) == 16
    assert browse(studio, BEN, search="fox", order=Order.TOP).pictures[0].entry.votes == 16


def test_votes_while_it_goes_in_and_out_leave_no_message_behind(studio: Studio) -> None:
    set_channel(studio, ADMIN, 77)
    set_threshold(studio, ADMIN, 1)
    job = picture(studio)
    people = [replace(BEN, member_id=100 + number) for number in range(6)]

    def flutter(person: Person) -> None:
        for _ in range(3):
            favourite(studio, person, job.id)

    with ThreadPoolExecutor(4) as pool:
        pending = [pool.submit(flutter, person) for person in people]
        for _ in range(4):
            publish(studio, ANA, job.id)
            unpublish(studio, ANA, job.id)
        for one in pending:
            one.result()
    with studio.database.read() as session:
        waiting = session.scalars(select(GalleryPostRow.due_at)).all()
    # Of each entry that had a message, the bot has yet to take it away.
    assert None not in waiting


def test_enough_votes_bring_one_message_and_taking_it_out_lets_it_go(studio: Studio) -> None:
    set_channel(studio, ADMIN, 77)
    set_threshold(studio, ADMIN, 2)
    entry = published(studio)
    favourite(studio, BEN, entry.job_id)
    assert due(studio) == []
    favourite(studio, MODERATOR, entry.job_id)
    assert due(studio) == [(PostKind.ENTRY, entry.id)]
    favourite(studio, ADMIN, entry.job_id)
    assert due(studio) == [(PostKind.ENTRY, entry.id)]


@pytest.mark.parametrize("how", ["delete", "takedown", "erase"])
def test_whatever_erases_a_picture_takes_it_out(studio: Studio, how: str) -> None:
    set_channel(studio, ADMIN, 77)
    set_threshold(studio, ADMIN, 1)
    entry, other = published(studio), published(studio, BEN)
    favourite(studio, BEN, entry.job_id)
    favourite(studio, ANA, other.job_id)
    if how == "delete":
        delete(studio, ANA, entry.job_id)
    elif how == "takedown":
        with studio.database.begin() as session:
            session.execute(update(ImageRow).where(ImageRow.job_id == entry.job_id).values(sha256="b" * 64))
        take_down(studio, MODERATOR, entry.job_id, "not here")
    else:
        with studio.database.begin() as session:
            gallery.erase_member(session, ANA.member_id)
        assert votes(studio, other.job_id) == 0
    assert [shown.entry.id for shown in browse(studio, BEN).pictures] == [other.id]
    assert (PostKind.ENTRY, entry.id) in due(studio)
