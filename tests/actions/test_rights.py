"""Who may do what to a job: its owner, others, moderators, managers, the banned, and other servers'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from actions.access import set_rule
from actions.appeal import cases
from actions.audit import audit, export_audit
from actions.cancel import cancel
from actions.delete import delete
from actions.favourite import favourite
from actions.info import info
from actions.new_seed import new_seed
from actions.person import Person
from actions.prompt_filter import add
from actions.remix import remix
from actions.report import decide, report, review
from actions.rerun import rerun
from actions.sanction import let_role_moderate, sanction
from actions.studio import Studio
from actions.takedown import take_down
from actions.tree import tree
from core.access import AccessRule, Place, Subject
from core.errors import NotAllowed, NotFound
from core.jobs import JobState
from core.moderation import Ruling, SanctionKind
from core.wordlist import Effect, Rule, RuleKind
from db.jobs import Job
from db.tables import ImageRow
from tests.actions.hands import store
from tests.actions.people import ADMIN, ANA, BEN, ELSEWHERE, MODERATOR, asked, make

CHLOE, BANNED = replace(ANA, member_id=6), replace(ANA, member_id=9)
PEOPLE = {
    "owner": ANA,
    "other": BEN,
    "moderator": MODERATOR,
    "admin": ADMIN,
    "banned": BANNED,
    "elsewhere": ELSEWHERE,
}
HERE = {"owner", "other", "moderator", "admin"}
MODERATORS = {"moderator", "admin"}

_FILTER = [Rule(effect=Effect.DENY, kind=RuleKind.WORDS, text="wolf")]
_ACCESS = AccessRule(subject=Subject.COMMAND, name="grid", effect=Effect.DENY, place=Place.ROLE, place_id=70)

Act = Callable[[Studio, Person, Job], object]


def reported(studio: Studio, person: Person, job: Job) -> object:
    """Remove the job after a report of somebody else's."""
    report(studio, CHLOE, job.id)
    return decide(studio, person, job.id, Ruling.REMOVE, author=ANA)


#: What is done to a job of the owner's, and who may. Moderators from elsewhere reach their own server alone.
ACTS: dict[str, tuple[Act, set[str]]] = {
    "look": (lambda studio, person, job: info(studio, person, job.id), HERE),
    "rerun": (lambda studio, person, job: rerun(studio, person, asked(), job.id), HERE),
    "new seed": (lambda studio, person, job: new_seed(studio, person, asked(), job.id), HERE),
    "remix": (
        lambda studio, person, job: remix(studio, person, asked(), job.id, prompt="a hare", negative=""),
        HERE,
    ),
    "favourite": (lambda studio, person, job: favourite(studio, person, job.id), HERE),
    "tree": (lambda studio, person, job: tree(studio, person, job.id), HERE),
    "report": (lambda studio, person, job: report(studio, person, job.id), HERE - {"owner"}),
    "cancel": (lambda studio, person, job: cancel(studio, person, job.id), MODERATORS | {"owner"}),
    "delete": (lambda studio, person, job: delete(studio, person, job.id), MODERATORS | {"owner"}),
    "decide": (reported, MODERATORS),
    "take down": (lambda studio, person, job: take_down(studio, person, job.id, "no"), MODERATORS),
    "cases": (lambda studio, person, _: cases(studio, person), MODERATORS | {"elsewhere"}),
    "audit": (lambda studio, person, _: audit(studio, person), MODERATORS | {"elsewhere"}),
    "export": (lambda studio, person, _: export_audit(studio, person, limit=9), MODERATORS | {"elsewhere"}),
    "filter": (lambda studio, person, _: add(studio, person, _FILTER), MODERATORS | {"elsewhere"}),
    "strike": (
        lambda studio, person, _: sanction(
            studio, person, replace(ANA, member_id=12), SanctionKind.STRIKE, reason="spam", lasts_s=None
        ),
        MODERATORS | {"elsewhere"},
    ),
    "access": (lambda studio, person, _: set_rule(studio, person, _ACCESS), {"admin"}),
    "roles": (lambda studio, person, _: let_role_moderate(studio, person, 70, moderates=True), {"admin"}),
}


@pytest.mark.parametrize("act", ACTS)
def test_who_may_do_what(studio: Studio, act: str) -> None:
    do, allowed = ACTS[act]
    sanction(studio, ADMIN, BANNED, SanctionKind.BAN, reason="spam", lasts_s=None)
    for who, person in PEOPLE.items():
        job = make(studio)
        if who in allowed:
            do(studio, person, job)
            continue
        with pytest.raises((NotAllowed, NotFound)):
            do(studio, person, job)
        assert info(studio, ANA, job.id).job.state == "queued", f"{who} may not {act}"


def test_moderators_act_on_private_jobs_that_they_do_not_see(studio: Studio) -> None:
    first, second = make(studio, ephemeral=True), make(studio, ephemeral=True)
    for look in (
        lambda: info(studio, MODERATOR, first.id),
        lambda: rerun(studio, MODERATOR, asked(), first.id),
        lambda: new_seed(studio, ADMIN, asked(), first.id),
        lambda: report(studio, MODERATOR, first.id),
        lambda: review(studio, MODERATOR, first.id),
        lambda: decide(studio, MODERATOR, first.id, Ruling.APPROVE, author=ANA),
    ):
        with pytest.raises(NotFound):
            look()
    assert cancel(studio, MODERATOR, first.id) == JobState.CANCELLED
    delete(studio, MODERATOR, second.id)
    with pytest.raises(NotFound):
        info(studio, ANA, second.id)


def test_moderators_see_what_is_private_where_it_was_held_back(studio: Studio) -> None:
    job = make(studio, ephemeral=True)
    store(studio, job)
    with pytest.raises(NotFound):
        review(studio, MODERATOR, job.id)
    with studio.database.begin() as session:
        session.execute(update(ImageRow).where(ImageRow.job_id == job.id).values(held=True))
    assert len(review(studio, MODERATOR, job.id).images) == 1
    for person in (BEN, ELSEWHERE):
        with pytest.raises((NotAllowed, NotFound)):
            review(studio, person, job.id)
    with pytest.raises(NotFound):
        info(studio, MODERATOR, job.id)
