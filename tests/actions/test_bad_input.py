"""Characters that a database refuses: whatever holds them is refused or cleaned before it gets there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.audit import audit, export_audit
from actions.collect import leave_out, new_collection
from actions.contest import enter_contest
from actions.delete import delete
from actions.favourite import favourite
from actions.history import Wanted, history
from actions.studio import Studio
from actions.takedown import let_back
from core.errors import BadOption, NotFound
from tests.actions.people import ANA, MODERATOR, make

#: PostgreSQL keeps no NUL, and UTF-8 has no half of a surrogate pair.
BAD = pytest.mark.parametrize("bad", ["\x00", "\ud800"])

BY_ID: list[Callable[[Studio, str], object]] = [
    lambda studio, job_id: delete(studio, ANA, job_id),
    lambda studio, job_id: favourite(studio, ANA, job_id),
    lambda studio, job_id: enter_contest(studio, ANA, job_id),
    lambda studio, job_id: let_back(studio, MODERATOR, job_id),
    lambda studio, job_id: leave_out(studio, ANA, "Foxes", job_id),
]


@BAD
def test_as_an_id(studio: Studio, bad: str) -> None:
    new_collection(studio, ANA, "Foxes")
    for action in BY_ID:
        with pytest.raises(NotFound):
            action(studio, bad)


@BAD
def test_in_a_search(studio: Studio, bad: str) -> None:
    job = make(studio)
    for wanted in (Wanted(search=f"red{bad} fox"), Wanted(model=f"{bad}starter")):
        page = history(studio, ANA, wanted)
        assert [one.id for one in page.jobs] == [job.id]
        assert bad not in page.wanted.search + page.wanted.model, "it stands in the ids of buttons"
    assert history(studio, ANA, Wanted(model=f"x{bad}", favourites=True)).jobs == ()
    with pytest.raises(BadOption, match="drawn with"):
        history(studio, ANA, Wanted(model=f"x{bad}"))
    assert audit(studio, MODERATOR, words=f"no such{bad}").entries == ()
    assert export_audit(studio, MODERATOR, words=f"no such{bad}", limit=100).data == b""
