"""History, favourites, lineage and comparison, on both kinds of database."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import update

from actions.cancel import cancel
from actions.compare import GAP, MOST_WIDE, compare
from actions.delete import delete
from actions.favourite import favourite
from actions.history import PAGE_SIZE, Wanted, history, models_used
from actions.new_seed import new_seed
from actions.publish import publish
from actions.rerun import rerun
from actions.sanction import sanction
from actions.studio import Studio
from actions.tree import MOST_CHILDREN, tree
from core.errors import BadOption, NotFound
from core.model_spec import ModelSpec
from core.moderation import SanctionKind
from core.pictures import encode_input
from core.storage import image_key
from db.tables import JobRow
from db.workers import WorkerInfo, register_worker
from tests.actions.hands import store
from tests.actions.people import ANA, BEN, ELSEWHERE, MODERATOR, asked, make
from tests.actions.test_gallery import picture
from tests.model_specs import model_spec


def found(studio: Studio, search: str = "", **wanted: object) -> list[str]:
    page = history(studio, ANA, Wanted(search=search, **wanted))  # type: ignore[arg-type]
    return [job.id for job in page.jobs]


def make_all(studio: Studio, *prompts: str) -> list[str]:
    ids = []
    for prompt in prompts:
        job = make(studio, prompt=prompt)
        cancel(studio, ANA, job.id)
        ids.append(job.id)
    return ids


def test_every_page_is_turned_once_also_where_jobs_were_made_at_the_same_instant(studio: Studio) -> None:
    made = make_all(studio, *[f"a fox {number}" for number in range(2 * PAGE_SIZE + 1)])
    make(studio, BEN)
    with studio.database.begin() as session:
        session.execute(update(JobRow).values(created_at=1000.0).where(JobRow.id.in_(made[:PAGE_SIZE])))
    seen, after, pages = [], None, 0
    while pages == 0 or after is not None:
        page = history(studio, ANA, after=after)
        seen += [job.id for job in page.jobs]
        after, pages = page.older, pages + 1
    assert pages == 3 and sorted(seen) == sorted(made) and len(set(seen)) == len(made)


def test_a_search_finds_all_of_its_words_however_they_are_written(studio: Studio) -> None:
    fox, both, cafe, kanji = make_all(
        studio, "a Red fox, running", "a red fox and a blue bear", "un CAFÉ ｒｏｕｇｅ", "赤い狐"
    )
    assert found(studio, "fox") == [both, fox]
    assert found(studio, "BEAR red") == [both]
    assert found(studio, "(fox:1.2)") == [], "a weight is a word, too"
    assert found(studio, "café rouge") == [cafe]
    assert found(studio, "狐") == [kanji]
    assert found(studio, "fo") == []
    with pytest.raises(BadOption):
        found(studio, "...")
    delete(studio, ANA, fox)
    assert found(studio, "fox") == [both]


def test_a_search_has_pages(studio: Studio) -> None:
    made = make_all(studio, *["a red fox", "a bear"] * (PAGE_SIZE + 1))
    foxes = made[::2][::-1]
    first = history(studio, ANA, Wanted(search="red fox"))
    assert first.older is not None
    second = history(studio, ANA, first.wanted, after=first.older)
    assert [job.id for job in (*first.jobs, *second.jobs)] == foxes and second.older is None


def test_a_model_filters(studio: Studio) -> None:
    specs: list[ModelSpec] = [model_spec(), model_spec("other-model", "Other")]
    with studio.database.begin() as session:
        register_worker(session, WorkerInfo(id="w", host="h", device="cpu"), specs)
    first, second = make(studio, model="starter"), make(studio, model="other-model")
    assert models_used(studio, ANA) == ["other-model", "starter"]
    assert found(studio, model="Starter") == [first.id]
    assert found(studio, "fox", model="other") == [second.id]
    with pytest.raises(BadOption, match="other-model, starter"):
        found(studio, model="third")


def test_favourites_are_once_for_each_and_hold_what_may_be_seen(studio: Studio) -> None:
    mine, theirs, private = make(studio), make(studio, BEN, prompt="a bear"), make(studio, ephemeral=True)
    for job in (mine, theirs, private, mine):
        assert favourite(studio, ANA, job.id, wanted=True)
    assert found(studio, favourites=True) == [private.id, theirs.id, mine.id]
    assert found(studio, "bear", favourites=True) == [theirs.id]
    elsewhere = history(studio, replace(ANA, guild_id=11), Wanted(favourites=True))
    assert [job.id for job in elsewhere.jobs] == [private.id, mine.id]
    with pytest.raises(NotFound):
        favourite(studio, BEN, private.id)
    with pytest.raises(NotFound):
        favourite(studio, ELSEWHERE, mine.id, wanted=True)
    assert not favourite(studio, ANA, theirs.id), "once more takes it back"
    assert not favourite(studio, ANA, theirs.id, wanted=False)
    delete(studio, ANA, mine.id)
    assert found(studio, favourites=True) == [private.id]


def test_private_pictures_that_they_may_see_are_favourites_as_others(studio: Studio) -> None:
    shown = picture(studio, ephemeral=True)
    publish(studio, ANA, shown.id, sure=True)
    favourite(studio, BEN, shown.id)
    assert [one.id for one in history(studio, BEN, Wanted(favourites=True)).jobs] == [shown.id]
    with pytest.raises(NotFound):
        favourite(studio, MODERATOR, picture(studio, ephemeral=True).id)


def test_a_tree_shows_where_it_comes_from_and_what_came_of_it(studio: Studio) -> None:
    root = make(studio, seed=5)
    store(studio, root)
    child = rerun(studio, BEN, asked(), root.id)
    private = new_seed(studio, ANA, asked(ephemeral=True), child.id)
    leaf = new_seed(studio, ANA, asked(), private.id)
    shown = tree(studio, ANA, child.id)
    assert [(node.depth, node.job and node.job.id) for node in shown.nodes] == [
        (0, root.id),
        (1, child.id),
        (2, private.id),
        (3, leaf.id),
    ]
    others = tree(studio, BEN, leaf.id)
    assert [node.job and node.job.id for node in others.nodes] == [root.id, child.id, None, leaf.id]
    assert others.nodes[3].parent is None
    with pytest.raises(NotFound):
        tree(studio, BEN, private.id)
    for person in (BEN, MODERATOR):
        shown = tree(studio, person, child.id)
        assert [node.job and node.job.id for node in shown.nodes] == [root.id, child.id]
        assert shown.nodes[-1].more == 0, "nothing tells that it was gone on with in private"
    with studio.database.begin() as session:
        session.execute(update(JobRow).where(JobRow.id == leaf.id).values(age_restricted=True))
    assert len(tree(studio, ANA, child.id).nodes) == 3
    assert len(tree(studio, replace(ANA, age_restricted=True), child.id).nodes) == 4
    with studio.database.begin() as session:
        session.execute(update(JobRow).values(age_restricted=False))
    sanction(studio, MODERATOR, BEN, SanctionKind.BAN, reason="spam", lasts_s=None)
    new_seed(studio, ANA, asked(), child.id)
    assert [node.job and node.job.id for node in tree(studio, BEN, child.id).nodes] == [None, child.id]
    for _ in range(MOST_CHILDREN + 2):
        new_seed(studio, ANA, asked(), leaf.id)
    assert tree(studio, ANA, leaf.id).nodes[3].more == 2


def test_two_pictures_side_by_side(studio: Studio) -> None:
    first, second = make(studio, count=2), make(studio, BEN)
    store(studio, first, 2)
    store(studio, second)
    both = compare(studio, ANA, f"{first.id} 2", second.id)
    assert (both.first.id, both.second.id) == (first.id, second.id)
    with Image.open(io.BytesIO(both.png)) as picture:
        assert picture.size == (64 + GAP + 64, 64)
        assert picture.getpixel((70, 30)) == (255, 255, 255)
    wide = encode_input(Image.new("RGB", (8192, 16)))
    studio.storage.put(image_key(second.id, 0), wide, "image/png")
    with Image.open(io.BytesIO(compare(studio, ANA, f"{first.id} 2", second.id).png)) as picture:
        assert picture.size == (64 + GAP + MOST_WIDE, 64)
    with pytest.raises(NotFound):
        compare(studio, ANA, first.id, f"{second.id} 2")
    with pytest.raises(NotFound):
        compare(studio, ELSEWHERE, first.id, second.id)
    with pytest.raises(BadOption, match="first"):
        compare(studio, ANA, "one two three", second.id)
