"""A member's jobs and favourites, a page at a time: as fast at the thousandth page as at the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, tuple_
from sqlalchemy.orm import Session

from db.gallery_tables import VoteRow
from db.history_tables import JobWordRow
from db.jobs import Job, job_of
from db.rarest import rarest_first
from db.seen import Viewer, seen_by
from db.tables import JobRow


@dataclass(frozen=True)
class Cursor:
    """The last job of a page, behind which the next one begins."""

    #: When it was made, or became a favourite: seconds since 1970 by the database's clock.
    at: float
    job_id: str


@dataclass(frozen=True, kw_only=True)
class FoundJobs:
    #: The newest first.
    jobs: tuple[Job, ...]
    #: Where the next, older page begins; None on the last one.
    older: Cursor | None


def own_jobs(
    session: Session,
    member_id: int,
    *,
    words: Sequence[str] = (),
    model: str | None = None,
    after: Cursor | None = None,
    limit: int,
) -> FoundJobs:
    """A member's own jobs, by when they were made.

    Args:
        words: all of which their prompts hold (`core.gallery.searched_words`).
        after: where the page begins; None is the first.
    """
    if words:
        own = JobWordRow.member_id == member_id
        at, job_id = JobWordRow.created_at, JobWordRow.job_id
        first, *others = rarest_first(
            session, words, lambda word: select(job_id).where(own, JobWordRow.word == word)
        )
        query = (
            select(JobRow, at)
            .join(JobWordRow, job_id == JobRow.id)
            .where(own, JobWordRow.word == first)
            .where(*(_has_word(word, JobWordRow.member_id, at, job_id, after) for word in others))
        )
    else:
        at, job_id = JobRow.created_at, JobRow.id
        query = select(JobRow, at).where(JobRow.member_id == member_id)
    if model is not None:
        query = query.where(JobRow.model == model)
    return _page(session, query, at, job_id, after=after, limit=limit)


def favourite_jobs(
    session: Session,
    viewer: Viewer,
    *,
    words: Sequence[str] = (),
    model: str = "",
    after: Cursor | None = None,
    limit: int,
) -> FoundJobs:
    """The viewer's favourites, by when they became so: those that they may see where they are.

    Args:
        model: what the model's name begins with.
    """
    job, vote = JobRow, VoteRow
    query = (
        select(job, vote.created_at)
        .join(vote, vote.job_id == job.id)
        .where(
            vote.member_id == viewer.member_id,
            seen_by(viewer),
            job.model.startswith(model, autoescape=True),
        )
        .where(*(_has_word(word, job.member_id, job.created_at, job.id) for word in words))
    )
    return _page(session, query, vote.created_at, vote.job_id, after=after, limit=limit)


def models_drawn_with(session: Session, member_id: int, *, limit: int) -> list[str]:
    """Names of the models of a member's jobs, in the alphabet's order."""
    names: list[str] = []
    # A step into the index for each model, instead of a walk over all jobs.
    while len(names) < limit:
        # What no model drew comes before all of them.
        further = JobRow.model > (names[-1] if names else "")
        name = session.scalar(select(func.min(JobRow.model)).where(JobRow.member_id == member_id, further))
        if name is None:
            break
        names.append(name)
    return names


def _page(
    session: Session,
    query: Select[JobRow, float],
    at: Any,
    job_id: Any,
    *,
    after: Cursor | None,
    limit: int,
) -> FoundJobs:
    query = query.where(JobRow.deleted_at.is_(None))
    if after is not None:
        query = query.where(tuple_(at, job_id) < tuple_(after.at, after.job_id))
    rows = session.execute(query.order_by(at.desc(), job_id.desc()).limit(limit + 1)).all()
    jobs = tuple(job_of(row) for row, _ in rows[:limit])
    older = Cursor(rows[limit - 1][1], jobs[-1].id) if len(rows) > limit else None
    return FoundJobs(jobs=jobs, older=older)


def _has_word(
    word: str, member_id: Any, at: Any, job_id: Any, after: Cursor | None = None
) -> ColumnElement[bool]:
    """Whether a job has a word besides: one step into the index.

    Args:
        after: where the page begins, if jobs are in the order of the index. It says nothing new, but
            PostgreSQL, which may merge both words' jobs, does not begin at the newest then.
    """
    other = JobWordRow.__table__.alias().c
    found = exists().where(
        other.member_id == member_id, other.word == word, other.created_at == at, other.job_id == job_id
    )
    if after is not None:
        found = found.where(tuple_(other.created_at, other.job_id) < tuple_(after.at, after.job_id))
    return found
