"""Exact reruns: what a worker gives the engine to follow, and what it says where it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from core.jobs import JobState
from core.storage import image_key
from db import submitting
from db.jobs import Job
from db.tables import ImageRow
from tests.db.studio import IMAGE_PRICE
from tests.workers.stub_engine import FINGERPRINT
from tests.workers.workplace import Workplace


def _rerun(workplace: Workplace, first: Job) -> Job:
    """An exact rerun of a job, made to its end."""
    new = submitting.NewJob(
        account_id=workplace.studio.account(1),
        member_id=1,
        guild_id=10,
        channel_id=20,
        interaction_id=999,
        request=first.request,
        image_price=IMAGE_PRICE,
        parent_id=first.id,
        replay_of=first.id,
    )
    with workplace.database.begin() as session:
        again = submitting.submit(session, new)
    workplace.runner.ring()
    workplace.wait_for_end(again.id)
    return workplace.studio.job(again.id)


def test_a_rerun_gets_the_recipes_of_the_original(workplace: Workplace) -> None:
    first = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(first.id)
    again = _rerun(workplace, first)
    replayed = [task.replay for task in workplace.engine.tasks[2:]]
    assert [recipe.image_index for recipe in replayed if recipe is not None] == [0, 1]
    assert workplace.storage.get(image_key(first.id, 1)) == workplace.storage.get(image_key(again.id, 1))
    assert again.error is None


def test_a_rerun_on_another_card_is_not_called_exact(workplace: Workplace) -> None:
    first = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(first.id)
    workplace.engine.fingerprint = replace(FINGERPRINT, hardware="another", torch="1")
    again = _rerun(workplace, first)
    assert (again.state, again.images_done) == (JobState.DONE, 2)
    assert again.error == "Near-exact: changed since the original: the hardware, torch."


@pytest.mark.parametrize("left", [None, {"version": 99}])
def test_a_rerun_without_a_recipe_says_so(workplace: Workplace, left: dict[str, int] | None) -> None:
    first = workplace.studio.submit(count=2)
    workplace.runner.ring()
    workplace.wait_for_end(first.id)
    with workplace.database.begin() as session:
        session.execute(update(ImageRow).where(ImageRow.index == 0).values(recipe=left))
    again = _rerun(workplace, first)
    assert (again.state, again.attempt, again.images_done) == (JobState.DONE, 1, 2)
    assert again.error is not None
    assert again.error.startswith("Drawn anew")
