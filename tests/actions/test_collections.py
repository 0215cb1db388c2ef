"""Collections: whose they are, who sees them, and what of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from actions.collect import (
    collection_page,
    collections_of,
    drop_collection,
    keep,
    leave_out,
    new_collection,
    share,
)
from actions.delete import delete
from actions.person import Person
from actions.prompt_filter import add
from actions.publish import publish
from actions.studio import Studio
from core.errors import BadOption, NotAllowed, NotFound, Refusal
from core.wordlist import Effect, Rule, RuleKind
from db.gallery import erase_member
from db.tables import JobRow
from tests.actions.people import ANA, BEN, ELSEWHERE, MODERATOR
from tests.actions.test_gallery import picture


def seen(studio: Studio, person: Person, name: str = "Foxes", owner: Person = ANA) -> list[str]:
    """Job ids of a collection's pages."""
    found: list[str] = []
    after = None
    while True:
        page = collection_page(studio, person, name, member_id=owner.member_id, after=after)
        found += [job.id for job in page.jobs]
        after = page.after
        if after is None:
            return found


def test_it_is_private_until_it_is_shared(studio: Studio) -> None:
    assert new_collection(studio, ANA, "  Red   foxes ") == "Red foxes"
    job = picture(studio)
    keep(studio, ANA, "red FOXES", job.id.lower())
    assert seen(studio, ANA, "Red foxes") == [job.id]
    for person in (BEN, MODERATOR):
        assert collections_of(studio, person, ANA.member_id) == []
        with pytest.raises(NotFound, match="not shared"):
            seen(studio, person, "Red foxes")
    share(studio, ANA, "Red foxes", shared=True)
    assert seen(studio, BEN, "Red foxes") == [job.id]
    (listed,) = collections_of(studio, BEN, ANA.member_id)
    assert (listed.name, listed.size, listed.shared) == ("Red foxes", 1, True)
    with pytest.raises(NotFound):
        seen(studio, ELSEWHERE, "Red foxes")
    share(studio, ANA, "Red foxes", shared=False)
    with pytest.raises(NotFound):
        seen(studio, BEN, "Red foxes")
    with pytest.raises(NotFound):
        share(studio, BEN, "Red foxes", shared=True)


def test_others_see_of_it_what_is_open_to_them(studio: Studio) -> None:
    new_collection(studio, ANA, "Foxes")
    share(studio, ANA, "Foxes", shared=True)
    public, private, shown, adult = (picture(studio, ephemeral=one) for one in (False, True, True, False))
    for job in (public, private, shown, adult):
        keep(studio, ANA, "Foxes", job.id)
    publish(studio, ANA, shown.id, sure=True)
    with studio.database.begin() as session:
        session.execute(update(JobRow).where(JobRow.id == adult.id).values(age_restricted=True))
    assert seen(studio, BEN) == sorted([public.id, shown.id])
    assert seen(studio, replace(BEN, age_restricted=True)) == sorted([public.id, shown.id, adult.id])
    assert seen(studio, ANA) == sorted([public.id, private.id, shown.id])
    delete(studio, ANA, public.id)
    assert seen(studio, BEN) == [shown.id]
    direct, elsewhere = (picture(studio, replace(ANA, guild_id=guild)) for guild in (None, 11))
    for job in (direct, elsewhere):
        keep(studio, ANA, "Foxes", job.id)
    assert seen(studio, BEN) == [shown.id], "what was made here"
    assert seen(studio, ANA) == sorted([private.id, shown.id, direct.id, elsewhere.id])


def test_names_are_checked(studio: Studio) -> None:
    new_collection(studio, ANA, "Foxes")
    new_collection(studio, BEN, "Foxes")
    with pytest.raises(BadOption, match="of that name"):
        new_collection(studio, ANA, "FOXES")
    for name in ("", " \u200b", "x" * 51):
        with pytest.raises(BadOption, match="name"):
            new_collection(studio, ANA, name)
    add(studio, MODERATOR, [Rule(effect=Effect.DENY, kind=RuleKind.WORDS, text="rude")])
    with pytest.raises(NotAllowed, match="rude"):
        new_collection(studio, ANA, "rude ones")
    with pytest.raises(NotAllowed):
        new_collection(studio, replace(ANA, guild_id=None), "Foxes")


def test_what_is_put_in_and_taken_out(studio: Studio) -> None:
    new_collection(studio, ANA, "Foxes")
    job, foreign = picture(studio, count=2), picture(studio, BEN, ephemeral=True)
    keep(studio, ANA, "Foxes", job.id, 1)
    with pytest.raises(Refusal, match="already"):
        keep(studio, ANA, "Foxes", job.id)
    with pytest.raises(NotFound):
        keep(studio, ANA, "Foxes", foreign.id)
    with pytest.raises(NotFound):
        keep(studio, ANA, "Foxes", job.id, 2)
    with pytest.raises(NotFound, match="no collection"):
        keep(studio, ANA, "Cats", job.id)
    with pytest.raises(NotFound, match="not in this collection"):
        leave_out(studio, ANA, "Foxes", foreign.id)
    assert leave_out(studio, ANA, "Foxes", job.id).name == "Foxes"
    assert seen(studio, ANA) == []
    drop_collection(studio, ANA, "Foxes")
    assert collections_of(studio, ANA, ANA.member_id) == []


def test_pages_follow_each_other_and_there_is_a_limit(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.collect.PAGE_SIZE", 2)
    monkeypatch.setattr("actions.collect.MAX_ITEMS", 5)
    monkeypatch.setattr("actions.collect.MAX_COLLECTIONS", 2)
    new_collection(studio, ANA, "Foxes")
    jobs = [picture(studio, seed=number) for number in range(6)]
    for job in jobs[:5]:
        keep(studio, ANA, "Foxes", job.id)
    assert seen(studio, ANA) == sorted(job.id for job in jobs[:5])
    with pytest.raises(Refusal, match="up to 5"):
        keep(studio, ANA, "Foxes", jobs[5].id)
    new_collection(studio, ANA, "Cats")
    with pytest.raises(Refusal, match="2 collections already"):
        new_collection(studio, ANA, "Dogs")


def test_an_erased_members_collections_are_gone(studio: Studio) -> None:
    new_collection(studio, ANA, "Foxes")
    keep(studio, ANA, "Foxes", picture(studio, BEN).id)
    with studio.database.begin() as session:
        erase_member(session, ANA.member_id)
    assert collections_of(studio, ANA, ANA.member_id) == []
