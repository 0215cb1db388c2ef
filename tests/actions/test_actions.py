"""What people can do: each verb, who may, and what it costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import delete as delete_rows
from sqlalchemy import event, update

from actions.cancel import cancel, open_jobs
from actions.delete import delete
from actions.draw import draw
from actions.history import PAGE_SIZE, history
from actions.info import info
from actions.new_seed import new_seed
from actions.queue import place_in_queue, queue
from actions.rerun import rerun
from actions.studio import Studio
from bot.text import details
from core.errors import NotAllowed, NotEnoughCredits, NotFound, Refusal
from core.events import Doorbell
from core.jobs import JobState
from core.options.imagine import ImagineOptions
from core.storage import preview_key
from core.tiers import STANDARD
from db import accounts
from db.claims import finish
from db.tables import JobRow
from db.worker_tables import WorkerRow
from tests.actions.hands import balance, claim, store
from tests.actions.people import ANA, BEN, ELSEWHERE, MODERATOR, asked, make


def test_a_submit_holds_the_price_and_rings_after_it(studio: Studio, rings: list[str]) -> None:
    job = make(studio, count=3)
    assert balance(studio, job) == 97 and rings == [job.id]
    assert job.state == JobState.QUEUED


def test_a_replayed_interaction_gives_the_same_job_and_charges_once(studio: Studio, rings: list[str]) -> None:
    once = asked()
    jobs = [draw(studio, ANA, once, ImagineOptions(prompt="a fox")) for _ in range(3)]
    assert len({job.id for job in jobs}) == 1 and [job.created for job in jobs] == [True, False, False]
    assert balance(studio, jobs[0]) == 99 and rings == [jobs[0].id]


def test_the_token_is_kept_before_there_is_an_answer(studio: Studio) -> None:
    job = make(studio)
    told = info(studio, ANA, job.id).job
    assert told.interaction_token == "token" and told.placeholder_message_id is None


def test_the_queue_is_not_worked_out_for_what_has_ended(studio: Studio) -> None:
    ended, waiting = make(studio), make(studio)
    cancel(studio, ANA, ended.id)
    asked_for: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked_for.append(statement)

    event.listen(studio.database.engine, "before_cursor_execute", note)
    assert info(studio, ANA, ended.id).position is None
    assert not any("ORDER BY jobs.turn" in statement for statement in asked_for)
    assert info(studio, ANA, waiting.id).position is not None
    assert any("ORDER BY jobs.turn" in statement for statement in asked_for)


def test_a_doorbell_without_redis_fails_no_submit(studio: Studio) -> None:
    doorbell = Doorbell("redis://127.0.0.1:1/0")
    job = make(replace(studio, ring=doorbell.ring))
    doorbell.close()
    assert info(studio, ANA, job.id).job.state == JobState.QUEUED


def test_what_is_refused_leaves_nothing_behind(studio: Studio, rings: list[str]) -> None:
    with pytest.raises(NotAllowed):
        make(studio, prompt="a nude child")
    with pytest.raises(Refusal, match="model"):
        make(studio, model="missing")
    job = make(studio)
    with studio.database.begin() as session:
        accounts.grant(session, job.account_id, -98, reason="test")
    with pytest.raises(NotEnoughCredits):
        make(studio, count=2)
    assert [found.id for found in open_jobs(studio, ANA, limit=9)] == [job.id] == rings


def test_open_jobs_are_capped_for_each_member(studio: Studio) -> None:
    for _ in range(STANDARD.jobs):
        job = make(studio)
    with pytest.raises(Refusal, match=f"{STANDARD.jobs} pictures waiting"):
        make(studio)
    assert balance(studio, job) == 100 - STANDARD.jobs
    make(studio, BEN)
    cancel(studio, ANA, job.id)
    make(studio)


def test_simultaneous_submits_neither_overspend_nor_pass_the_cap(studio: Studio) -> None:
    def submit(_: int) -> bool:
        try:
            make(studio, count=4)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        accepted = sum(pool.map(submit, range(STANDARD.jobs + 8)))
    jobs = open_jobs(studio, ANA, limit=100)
    assert accepted == len(jobs) == STANDARD.jobs
    assert balance(studio, jobs[0]) == 100 - 4 * accepted


def test_a_rerun_repeats_the_request_and_the_presser_pays(studio: Studio) -> None:
    first = make(studio, seed=5)
    store(studio, first)
    again = rerun(studio, BEN, asked(), first.id)
    assert again.request == first.request and (again.replay_of, again.parent_id) == (first.id, first.id)
    assert again.member_id == BEN.member_id and balance(studio, first) == 99 == balance(studio, again)


def test_a_rerun_of_what_was_never_drawn_promises_no_bytes(studio: Studio) -> None:
    first = make(studio, seed=5)
    cancel(studio, ANA, first.id)
    again = rerun(studio, ANA, asked(), first.id)
    assert again.request == first.request and (again.replay_of, again.parent_id) == (None, first.id)


def test_a_new_seed_changes_nothing_else(studio: Studio) -> None:
    first = make(studio, seed=5)
    other = new_seed(studio, ANA, asked(), first.id)
    assert other.request.seed != 5 and replace(other.request, seed=5) == first.request
    assert (other.replay_of, other.parent_id) == (None, first.id)


def test_what_no_worker_can_draw_any_more_is_not_queued(studio: Studio) -> None:
    first = make(studio)
    with studio.database.begin() as session:
        session.execute(delete_rows(WorkerRow))
    with pytest.raises(Refusal, match="not available"):
        rerun(studio, ANA, asked(), first.id)
    with pytest.raises(Refusal, match="No worker"):
        make(studio)


def test_what_cannot_be_read_any_more_is_not_made_again(studio: Studio) -> None:
    job = make(studio)
    with studio.database.begin() as session:
        session.execute(update(JobRow).values(request={"version": 0}))
    for again in (rerun, new_seed):
        with pytest.raises(Refusal, match="can't be read any more"):
            again(studio, BEN, asked(), job.id)
    assert "8×8" not in details(info(studio, ANA, job.id).job)


def test_others_see_open_jobs_of_their_server_and_nothing_else(studio: Studio) -> None:
    public, private = make(studio), make(studio, ephemeral=True)
    assert info(studio, BEN, public.id).job.id == public.id
    for person, job in ((BEN, private), (ELSEWHERE, public), (ELSEWHERE, private)):
        for verb in (info, cancel, delete):
            with pytest.raises(NotFound):
                verb(studio, person, job.id)
        with pytest.raises(NotFound):
            rerun(studio, person, asked(), job.id)


def test_members_and_moderators_may_cancel_others_may_not(studio: Studio) -> None:
    first, second = make(studio), make(studio)
    with pytest.raises(NotAllowed):
        cancel(studio, BEN, first.id)
    assert cancel(studio, ANA, first.id) == JobState.CANCELLED
    assert cancel(studio, MODERATOR, second.id) == JobState.CANCELLED
    assert balance(studio, first) == 100
    with pytest.raises(Refusal, match="ended already"):
        cancel(studio, ANA, first.id)


def test_what_ends_while_it_is_cancelled_is_told_as_ended(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = make(studio)
    token = claim(studio)
    with studio.database.begin() as session:
        assert finish(session, token)
    # As it was read a moment before its worker finished it.
    monkeypatch.setattr("actions.cancel.own_job", lambda *_: replace(stale, state=JobState.RUNNING))
    with pytest.raises(Refusal, match="ended already"):
        cancel(studio, ANA, stale.id)


def test_a_running_job_is_asked_to_stop(studio: Studio) -> None:
    job = make(studio)
    claim(studio)
    assert cancel(studio, ANA, job.id) == JobState.RUNNING
    assert info(studio, ANA, job.id).job.cancel_requested


def test_deleting_erases_pictures_and_refuses_a_second_time(studio: Studio) -> None:
    job = make(studio)
    studio.storage.put(preview_key(job.id), b"preview", "image/webp")
    with pytest.raises(NotAllowed):
        delete(studio, BEN, job.id)
    assert delete(studio, ANA, job.id.lower()).id == job.id
    assert not studio.storage.exists(preview_key(job.id)) and balance(studio, job) == 100
    for verb in (info, delete, cancel):
        with pytest.raises(NotFound):
            verb(studio, ANA, job.id)


@pytest.mark.parametrize("forged", ["", "x", "'; DROP TABLE jobs", "../../etc/passwd", "\x00", "0" * 500])
def test_forged_ids_are_not_found(studio: Studio, forged: str) -> None:
    with pytest.raises(NotFound):
        info(studio, ANA, forged)


def test_history_turns_every_page_once(studio: Studio) -> None:
    made = [make(studio).id for _ in range(PAGE_SIZE + 2)]
    make(studio, BEN)
    first = history(studio, ANA)
    assert first.older is not None
    second = history(studio, ANA, after=first.older)
    assert [job.id for job in (*first.jobs, *second.jobs)] == made[::-1] and second.older is None


def test_the_queue_tells_places_of_ones_own_jobs(studio: Studio) -> None:
    first, second = make(studio), make(studio)
    make(studio, BEN)
    claim(studio)
    view = queue(studio, ANA)
    assert (view.size.running, view.size.queued) == (1, 2)
    assert [job.id for job, _ in view.own] == [first.id, second.id]
    assert [place.position == 0 for _, place in view.own] == [True, False]
    cancel(studio, ANA, second.id)
    assert place_in_queue(studio, second.id) is None
