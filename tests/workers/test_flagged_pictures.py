"""Pictures that the screen flags, by the policy of the channel that they were asked for in."""

from __future__ import annotations

import pytest

from core.jobs import ImageKind
from core.moderation import ImagePolicy
from db.image_policies import held_count, next_held, reject_held, release_held
from db.images import images_of
from tests.db.studio import GUILD, IMAGE_PRICE, request
from tests.workers.workplace import Workplace


def made(workplace: Workplace, policy: ImagePolicy) -> str:
    """Id of a job of three pictures, the second of which is flagged."""
    workplace.engine.flagged = frozenset({1})
    job = workplace.studio.order(request(count=3), policy=policy)
    workplace.runner.ring()
    workplace.wait_for_end(job.id)
    return job.id


def shown(workplace: Workplace, job_id: str) -> dict[tuple[ImageKind, int], bool]:
    """Whether each picture that may be shown is flagged."""
    with workplace.database.read() as session:
        return {(one.kind, one.index): one.flagged for one in images_of(session, job_id, kind=None)}


def test_behind_a_spoiler_all_are_shown(workplace: Workplace) -> None:
    job_id = made(workplace, ImagePolicy.SPOILER)
    result = ImageKind.RESULT
    flags = {(result, 0): False, (result, 1): True, (result, 2): False, (ImageKind.GRID, 0): True}
    assert shown(workplace, job_id) == flags
    assert workplace.studio.job(job_id).images_held == 0


@pytest.mark.parametrize("passes", [True, False])
def test_in_quarantine_one_waits(workplace: Workplace, passes: bool) -> None:
    job_id = made(workplace, ImagePolicy.QUARANTINE)
    result = ImageKind.RESULT
    rest = {(result, 0): False, (result, 2): False, (ImageKind.GRID, 0): False}
    assert shown(workplace, job_id) == rest
    with workplace.database.begin() as session:
        assert (next_held(session, GUILD), held_count(session, GUILD)) == (job_id, 1)
        if passes:
            assert release_held(session, job_id)
        else:
            assert len(reject_held(session, job_id, "not this one")) == 1
        assert next_held(session, GUILD) is None
        assert not release_held(session, job_id)
        assert reject_held(session, job_id, "twice") == []
    assert shown(workplace, job_id) == (rest | {(result, 1): False} if passes else rest)
    job = workplace.studio.job(job_id)
    paid = 3 if passes else 2
    assert (job.images_held, job.images_done) == (0, paid)
    assert workplace.studio.balance() == 1000 - paid * IMAGE_PRICE


def test_blocked_ones_are_not_asked_for(workplace: Workplace) -> None:
    made(workplace, ImagePolicy.BLOCK)
    assert not any(task.keep_flagged for task in workplace.engine.tasks)
