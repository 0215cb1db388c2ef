"""The words that jobs are found by (`db.history`): written with the job, gone with it."""

from __future__ import annotations

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from core.gallery import prompt_words
from db.history_tables import JobWordRow
from db.tables import JobRow


def write_words(session: Session, row: JobRow, prompt: str) -> None:
    """Note the words of a new job's prompt."""
    shared = {"member_id": row.member_id, "created_at": row.created_at, "job_id": row.id}
    rows = [{"word": word, **shared} for word in sorted(prompt_words(prompt))]
    if rows:
        session.execute(insert(JobWordRow), rows)


def forget_words(session: Session, job_id: str) -> None:
    """The job is erased, and its words with it."""
    session.execute(
        delete(JobWordRow).where(JobWordRow.job_id == job_id).execution_options(synchronize_session=False)
    )
