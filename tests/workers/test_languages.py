"""What a worker tells of a job is in the language of the job's message."""

from __future__ import annotations

from sqlalchemy import update

from core.jobs import JobState
from core.words import N_
from db.tables import JobRow
from models.engine.api import UnknownModel
from tests.workers.workplace import Workplace


def test_a_failure_is_told_in_the_job_s_language(workplace: Workplace) -> None:
    workplace.engine.error = lambda _task: UnknownModel(
        N_("There is no model {model} on this machine."), model="fox"
    )
    german, english = workplace.studio.submit(), workplace.studio.submit()
    with workplace.database.begin() as session:
        session.execute(update(JobRow).where(JobRow.id == german.id).values(language="de"))
    workplace.runner.ring()
    workplace.wait_for_end(german.id)
    workplace.wait_for_end(english.id)
    told = [workplace.studio.job(job.id) for job in (german, english)]
    assert [job.state for job in told] == [JobState.FAILED, JobState.FAILED]
    assert [job.error for job in told] == [
        "Auf diesem Rechner gibt es kein Modell fox.",
        "There is no model fox on this machine.",
    ]
