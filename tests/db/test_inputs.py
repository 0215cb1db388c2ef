"""Which given pictures are needed, by whom, and for how long."""

from __future__ import annotations

from sqlalchemy import update

from core.inputs import Input
from db.clock import now
from db.input_tables import HeldInputRow
from db.inputs import HeldInput, forget_held, held_input, hold_input, needed_inputs
from db.jobs import delete_job
from db.keeping import forget_stale
from tests.db.studio import Studio

RED, BLUE = (Input(sha256=digit * 64, width=64, height=48) for digit in "ab")
RED_HELD, BLUE_HELD = (HeldInput(picture=one, age_restricted=one is RED) for one in (RED, BLUE))


def test_a_member_holds_one_picture_for_a_while(studio: Studio) -> None:
    with studio.database.begin() as session:
        hold_input(session, 1, RED_HELD)
        hold_input(session, 2, RED_HELD)
        hold_input(session, 1, BLUE_HELD)
        assert [held_input(session, member) for member in (1, 2, 3)] == [BLUE_HELD, RED_HELD, None]
        assert needed_inputs(session, [RED.sha256, BLUE.sha256, "c" * 64]) == {RED.sha256, BLUE.sha256}
        over = update(HeldInputRow).where(HeldInputRow.member_id == 2).values(held_until=now() - 1)
        session.execute(over)
        assert held_input(session, 2) is None
        assert needed_inputs(session, [RED.sha256, BLUE.sha256]) == {BLUE.sha256}
        forget_stale(session)
        forget_held(session)
        assert held_input(session, 1) == BLUE_HELD


def test_what_a_job_was_made_from_is_needed_until_it_is_deleted(studio: Studio) -> None:
    job = studio.submit(image=RED.sha256)
    with studio.database.begin() as session:
        assert needed_inputs(session, [RED.sha256]) == {RED.sha256}
        assert delete_job(session, job.id) == [f"inputs/{RED.sha256}.png"]
        assert needed_inputs(session, [RED.sha256]) == set()
