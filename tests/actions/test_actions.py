"""What people can do: each verb, who may, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import count

import pytest
from PIL import Image
from sqlalchemy import delete as delete_rows
from sqlalchemy import update

from actions.cancel import cancel, open_jobs
from actions.delete import delete
from actions.draw import draw as order
from actions.history import PAGE_SIZE, history
from actions.info import info
from actions.new_seed import new_seed
from actions.person import Asked, Person
from actions.pick import pick
from actions.queue import place_in_queue, queue
from actions.reframe import pan, zoom_out
from actions.rerun import rerun
from actions.studio import Studio
from actions.submit import MAX_OPEN_JOBS
from actions.use_as_input import input_in_hand, use_result
from actions.vary import vary
from bot.text import details
from core.errors import NotAllowed, NotEnoughCredits, NotFound, Refusal
from core.events import Doorbell
from core.inputs import input_key, keep_input
from core.jobs import ImageKind, JobState
from core.options.grid import GridOptions
from core.options.imagine import ImagineOptions
from core.options.img2img import Img2ImgOptions
from core.pictures import encode_input
from core.storage import image_key, preview_key
from db import accounts
from db.claims import Abilities, Claim, claim_next, complete_image, finish
from db.images import NewImage
from db.jobs import Job
from db.tables import JobRow, WorkerRow

GUILD = 10
ANA = Person(member_id=1, guild_id=GUILD, channel_id=20)
BEN = replace(ANA, member_id=2)
MODERATOR = replace(ANA, member_id=3, is_moderator=True)
ELSEWHERE = Person(member_id=4, guild_id=11, channel_id=30, is_moderator=True)

_interactions = count(1)


def asked(*, ephemeral: bool = False) -> Asked:
    return Asked(interaction_id=next(_interactions), token="token", ephemeral=ephemeral)


def make(studio: Studio, person: Person = ANA, *, ephemeral: bool = False, **options: object) -> Job:
    wishes = ImagineOptions(**{"prompt": "a red fox", **options})  # type: ignore[arg-type]
    return order(studio, person, asked(ephemeral=ephemeral), wishes)


def balance(studio: Studio, job: Job) -> int:
    with studio.database.read() as session:
        return accounts.balance(session, job.account_id)


def claim(studio: Studio) -> Claim:
    with studio.database.begin() as session:
        abilities = Abilities(models=frozenset(["starter"]))
        claimed = claim_next(session, "w", abilities, lease_s=60, limit=10)
    assert claimed is not None
    return claimed.claim


def draw(studio: Studio) -> None:
    """The next job gets its first picture."""
    image = NewImage(
        index=0, kind=ImageKind.RESULT, key="k", sha256="0" * 64, width=8, height=8, bytes=1, recipe={}
    )
    token = claim(studio)
    with studio.database.begin() as session:
        assert complete_image(session, token, image)


def test_a_submit_holds_the_price_and_rings_after_it(studio: Studio, rings: list[str]) -> None:
    job = make(studio, count=3)
    assert balance(studio, job) == 97 and rings == [job.id]
    assert job.state == JobState.QUEUED


def test_a_replayed_interaction_gives_the_same_job_and_charges_once(studio: Studio, rings: list[str]) -> None:
    once = asked()
    jobs = [order(studio, ANA, once, ImagineOptions(prompt="a fox")) for _ in range(3)]
    assert len({job.id for job in jobs}) == 1 and [job.created for job in jobs] == [True, False, False]
    assert balance(studio, jobs[0]) == 99 and rings == [jobs[0].id]


def test_the_token_is_kept_before_there_is_an_answer(studio: Studio) -> None:
    job = make(studio)
    told = info(studio, ANA, job.id).job
    assert told.interaction_token == "token" and told.placeholder_message_id is None


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
    for _ in range(MAX_OPEN_JOBS):
        job = make(studio)
    with pytest.raises(Refusal, match=f"{MAX_OPEN_JOBS} pictures waiting"):
        make(studio)
    assert balance(studio, job) == 100 - MAX_OPEN_JOBS
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
        accepted = sum(pool.map(submit, range(MAX_OPEN_JOBS + 8)))
    jobs = open_jobs(studio, ANA, limit=100)
    assert accepted == len(jobs) == MAX_OPEN_JOBS
    assert balance(studio, jobs[0]) == 100 - 4 * accepted


def test_a_rerun_repeats_the_request_and_the_presser_pays(studio: Studio) -> None:
    first = make(studio, seed=5)
    draw(studio)
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
    second = history(studio, ANA, before=first.older)
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


def store(studio: Studio, job: Job, count: int = 1) -> None:
    """The next job, this one, gets its pictures, as a worker stores them."""
    token = claim(studio)
    png = encode_input(Image.new("RGB", (64, 64), "red"))
    for index in range(count):
        key = image_key(job.id, index)
        studio.storage.put(key, png, "image/png")
        image = NewImage(
            index=index,
            kind=ImageKind.RESULT,
            key=key,
            sha256="0" * 64,
            width=64,
            height=64,
            bytes=1,
            recipe={},
        )
        with studio.database.begin() as session:
            assert complete_image(session, token, image)


#: Verbs about one picture of a job, each given who, how they asked, the job and the picture.
PICTURE_VERBS: list[Callable[[Studio, Person, Asked, str, int], object]] = [
    partial(vary, strength=0.5),
    partial(zoom_out, factor=1.5),
    partial(pan, across=1, down=0),
    pick,
    lambda studio, person, _, job_id, index: use_result(studio, person, job_id, index),
]


@pytest.mark.parametrize("verb", PICTURE_VERBS)
def test_pictures_that_are_not_theirs_to_see_or_not_there(
    studio: Studio, verb: Callable[[Studio, Person, Asked, str, int], object]
) -> None:
    public = make(studio, count=2)
    store(studio, public, count=2)
    private = make(studio, ephemeral=True)
    store(studio, private)
    for person, job, index in ((BEN, private, 0), (ELSEWHERE, public, 0), (BEN, public, 7)):
        with pytest.raises(NotFound):
            verb(studio, person, asked(), job.id, index)
    verb(studio, BEN, asked(), public.id, 1)
    verb(studio, ANA, asked(), private.id, 0)


def test_a_picked_picture_follows_its_own_recipe(studio: Studio) -> None:
    batch = make(studio, count=2, seed=5)
    store(studio, batch, count=2)
    own = pick(studio, BEN, asked(), batch.id, 1)
    assert (own.request.seed, own.request.count) == (6, 1)
    assert (own.replay_of, own.replay_first, own.member_id) == (batch.id, 1, BEN.member_id)


def test_what_is_held_is_ones_own(studio: Studio) -> None:
    job = make(studio)
    store(studio, job)
    held = use_result(studio, ANA, job.id, 0)
    assert input_in_hand(studio, ANA) == held and (held.width, held.height) == (64, 64)
    with pytest.raises(Refusal, match="Which picture"):
        input_in_hand(studio, BEN)


def test_deleting_a_job_erases_what_it_alone_was_made_from(studio: Studio) -> None:
    given = keep_input(studio.storage, Image.new("RGB", (64, 64), "blue"))
    options = Img2ImgOptions(prompt="a fox", image=given)
    first, second = (order(studio, ANA, asked(), options) for _ in range(2))
    delete(studio, ANA, first.id)
    assert studio.storage.exists(input_key(given.sha256))
    delete(studio, ANA, second.id)
    assert not studio.storage.exists(input_key(given.sha256))


def test_a_grids_price_is_that_of_its_cells(studio: Studio) -> None:
    grid = order(studio, ANA, asked(), GridOptions(prompt="a fox", x="steps 1, 2, 3", y="guidance 1, 7"))
    assert (grid.image_count, grid.price, grid.total_steps) == (6, 6, 12)
    assert balance(studio, grid) == 94
