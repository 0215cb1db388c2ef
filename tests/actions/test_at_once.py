"""The same buttons pressed by many members at the same instant, on both kinds of database."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

from sqlalchemy import select

from actions.delete import delete
from actions.favourite import favourite
from actions.new_seed import new_seed
from actions.person import Asked
from actions.rerun import rerun
from actions.studio import Studio
from core.errors import Refusal
from db.claims import Claim, finish
from db.jobs import Job
from db.tables import JobRow
from db.votes import has_starred
from tests.actions.hands import claim, store
from tests.actions.people import ANA, BEN, asked, make
from tests.db.studio import Studio as DatabaseStudio

MEMBERS, PRESSES = 20, 50


def made_from(studio: Studio, job: Job) -> list[tuple[int, int]]:
    """(member, interaction) of the jobs that were made from one."""
    with studio.database.read() as session:
        rows = session.execute(
            select(JobRow.member_id, JobRow.interaction_id).where(JobRow.parent_id == job.id)
        )
        return list(rows.tuples())


def test_twenty_members_press_fifty_times(studio: Studio) -> None:
    original = make(studio, seed=5)
    store(studio, original)
    poor = replace(studio, starting_credits=7)

    def press(at: tuple[int, int]) -> tuple[bool, str] | None:
        """The first half of the presses are reruns, the others new seeds; some arrive twice."""
        number, member = at
        person = replace(ANA, member_id=100 + member)
        how = Asked(interaction_id=1_000_000 + 1000 * member + number)
        is_rerun = number < PRESSES // 2
        action = rerun if is_rerun else new_seed
        try:
            once = action(poor, person, how, original.id)
        except Refusal:
            return None
        if number % 7 == 0:
            assert action(poor, person, how, original.id).id == once.id
        return is_rerun, once.id

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(press, product(range(PRESSES), range(MEMBERS))))
    jobs = made_from(studio, original)
    assert len({interaction for _, interaction in jobs}) == len(jobs), "one effect for each interaction"
    by_member = Counter(member for member, _ in jobs)
    assert set(by_member.values()) == {7}, "as many as each could pay for"
    reruns = {job_id for is_rerun, job_id in filter(None, answers) if is_rerun}
    assert len(reruns) == MEMBERS, "a rerun that is unfinished answers all presses of its member"
    DatabaseStudio(studio.database).check()


def test_a_second_press_answers_with_what_runs_and_a_later_one_makes_anew(studio: Studio) -> None:
    original = make(studio, seed=5)
    store(studio, original)
    with studio.database.begin() as session:
        assert finish(session, Claim(original.id, 1))
    first = rerun(studio, BEN, asked(), original.id)
    claim(studio)
    second = rerun(studio, BEN, asked(), original.id)
    assert (second.id, first.created, second.created) == (first.id, True, False)
    assert rerun(studio, ANA, asked(), original.id).id != first.id, "another member's is another job"
    delete(studio, BEN, first.id)
    assert rerun(studio, BEN, asked(), original.id).created
    assert new_seed(studio, BEN, asked(), original.id).id != new_seed(studio, BEN, asked(), original.id).id


def test_stars_at_once_are_one_for_each_member(studio: Studio) -> None:
    job = make(studio)
    people = [replace(ANA, member_id=100 + number) for number in range(MEMBERS)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda person: favourite(studio, person, job.id, wanted=True), people * 5))
    with studio.database.read() as session:
        assert all(has_starred(session, job.id, person.member_id) for person in people)
