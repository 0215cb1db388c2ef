"""Contests: what is entered, when they close and who wins, on both kinds of database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import update

from actions.contest import cancel_contest, contest_view, enter_contest, start_contest
from actions.favourite import favourite
from actions.person import Person
from actions.publish import publish, unpublish
from actions.sanction import sanction
from actions.studio import Studio
from core.errors import BadOption, NotAllowed, NotFound, Refusal
from core.gallery import PostKind
from core.moderation import SanctionKind
from db.clock import now
from db.contests import close_contests, standings
from db.gallery import Entry
from db.gallery_posts import claim_posts
from db.gallery_tables import ContestRow, VoteRow
from tests.actions.people import ADMIN, ANA, BEN, ELSEWHERE, MODERATOR
from tests.actions.test_gallery import picture, published


def start(studio: Studio) -> int:
    return start_contest(studio, MODERATOR, "Foxes in snow", "2h").id


def entered(studio: Studio, person: Person) -> Entry:
    entry = published(studio, person)
    enter_contest(studio, person, entry.job_id)
    return entry


def time_is_over(studio: Studio, *, since_s: float = 1.0) -> None:
    with studio.database.begin() as session:
        session.execute(update(ContestRow).values(closes_at=now() - since_s))


def close(studio: Studio) -> list[int]:
    with studio.database.begin() as session:
        return close_contests(session)


def result(studio: Studio, contest_id: int) -> list[tuple[int, int]]:
    """(member, votes), the best first."""
    with studio.database.read() as session:
        return [(one.entry.member_id, one.votes) for one in standings(session, contest_id)]


def test_a_contest_is_won_by_votes_of_the_closing_time(studio: Studio) -> None:
    contest_id = start(studio)
    ana, ben = entered(studio, ANA), entered(studio, BEN)
    for person in (MODERATOR, ADMIN):
        favourite(studio, person, ana.job_id)
    favourite(studio, ANA, ben.job_id)
    favourite(studio, BEN, ben.job_id)
    assert close(studio) == []
    time_is_over(studio, since_s=0.5)
    favourite(studio, replace(ADMIN, member_id=9), ben.job_id)
    favourite(studio, replace(ADMIN, member_id=8), ben.job_id)
    with studio.database.begin() as session:
        # All but those two were given in time.
        session.execute(update(VoteRow).where(VoteRow.member_id < 8).values(created_at=now() - 60.0))
    assert close(studio) == [contest_id] and close(studio) == []
    assert result(studio, contest_id) == [(ANA.member_id, 2), (BEN.member_id, 1)]
    # What comes later changes nothing.
    favourite(studio, replace(ADMIN, member_id=7), ben.job_id)
    assert result(studio, contest_id) == [(ANA.member_id, 2), (BEN.member_id, 1)]
    view = contest_view(studio, BEN)
    assert view.contest.ended_at is not None and view.entries == 2
    with studio.database.begin() as session:
        kinds = {(post.kind, post.subject_id) for post in claim_posts(session, lease_s=9.0, limit=9)}
    assert kinds == {(PostKind.CONTEST, contest_id), (PostKind.WINNERS, contest_id)}


def test_after_the_closing_time_nothing_is_entered_though_nobody_has_closed_it(studio: Studio) -> None:
    start(studio)
    entry = published(studio)
    time_is_over(studio)
    with pytest.raises(Refusal, match="No contest is open"):
        enter_contest(studio, ANA, entry.job_id)
    with pytest.raises(Refusal, match="open here already"):
        start(studio)
    close(studio)
    with pytest.raises(Refusal, match="No contest is open"):
        enter_contest(studio, ANA, entry.job_id)
    start(studio)


def test_one_picture_each_the_newest_and_only_ones_own(studio: Studio) -> None:
    first, second = published(studio), published(studio)
    with pytest.raises(Refusal, match="No contest is open"):
        enter_contest(studio, ANA, first.job_id)
    contest_id = start(studio)
    for entry in (first, second):
        enter_contest(studio, ANA, entry.job_id.lower())
    assert contest_view(studio, BEN).entries == 1
    with studio.database.read() as session:
        assert [one.entry.id for one in standings(session, contest_id)] == [second.id]
    with pytest.raises(NotFound, match="your own"):
        enter_contest(studio, BEN, second.job_id)
    with pytest.raises(NotFound, match="your own"):
        enter_contest(studio, ANA, picture(studio).id)
    with pytest.raises(NotFound):
        enter_contest(studio, replace(ANA, guild_id=11), second.job_id)
    unpublish(studio, ANA, second.job_id)
    assert contest_view(studio, BEN).entries == 0
    sanction(studio, MODERATOR, ANA, SanctionKind.BAN, reason="spam", lasts_s=None)
    with pytest.raises(NotAllowed, match="banned"):
        enter_contest(studio, ANA, first.job_id)


@pytest.mark.parametrize("person", [ANA, BEN, replace(MODERATOR, guild_id=None)])
def test_only_moderators_begin_and_cancel(studio: Studio, person: Person) -> None:
    with pytest.raises(NotAllowed):
        start_contest(studio, person, "Foxes", "2h")
    start(studio)
    with pytest.raises(NotAllowed):
        cancel_contest(studio, person)


def test_a_cancelled_contest_has_no_winners(studio: Studio) -> None:
    contest_id = start(studio)
    entry = entered(studio, ANA)
    favourite(studio, BEN, entry.job_id)
    with pytest.raises(NotFound, match="No contest"):
        cancel_contest(studio, ELSEWHERE)
    assert cancel_contest(studio, ADMIN).cancelled
    time_is_over(studio)
    assert close(studio) == []
    with studio.database.begin() as session:
        assert [post.kind for post in claim_posts(session, lease_s=9.0, limit=9)] == [PostKind.CONTEST]
    with pytest.raises(NotFound):
        cancel_contest(studio, ADMIN)
    assert contest_view(studio, BEN).contest.id == contest_id
    with pytest.raises(NotFound):
        contest_view(studio, ELSEWHERE)


def test_theme_and_duration_are_checked(studio: Studio) -> None:
    with pytest.raises(BadOption, match="theme"):
        start_contest(studio, MODERATOR, " \u200b", "2h")
    for lasts in ("soon", "0m", "9999w"):
        with pytest.raises(BadOption, match="lasts"):
            start_contest(studio, MODERATOR, "Foxes", lasts)


def test_begun_or_closed_by_several_at_once_it_is_so_once(studio: Studio) -> None:
    def begin(number: int) -> bool:
        try:
            start_contest(studio, replace(MODERATOR, member_id=100 + number), "Foxes", "2h")
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(begin, range(8))) == 1
        time_is_over(studio)
        assert sorted(len(closed) for closed in pool.map(lambda _: close(studio), range(4))) == [0, 0, 0, 1]


def test_entering_and_closing_at_once_leave_no_picture_without_votes(studio: Studio) -> None:
    contest_id = start(studio)
    people = [replace(BEN, member_id=100 + number) for number in range(6)]
    entries = [published(studio, person) for person in people]
    with studio.database.begin() as session:
        session.execute(update(ContestRow).values(closes_at=now() + 0.1))

    def enter(at: int) -> bool:
        try:
            enter_contest(studio, people[at], entries[at].job_id)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(enter, at) for at in range(6)]
        closed: list[int] = []
        while not closed:
            closed = close(studio)
        taken = sum(one.result() for one in tries)
    assert closed == [contest_id] and len(result(studio, contest_id)) == taken
    publish(studio, ANA, picture(studio).id)
