"""Look back at one's own jobs, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from actions.person import Person
from actions.studio import Studio
from db.deliveries import undelivered
from db.jobs import Job, jobs_of

PAGE_SIZE = 8


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    #: The newest first.
    jobs: tuple[Job, ...]
    #: By job id: why Discord did not take the result.
    undelivered: dict[str, str]
    #: Where the next, older page starts; None on the last one.
    older: float | None


def history(studio: Studio, person: Person, *, before: float | None = None) -> HistoryPage:
    """The person's jobs made before a time (seconds since 1970), in all servers: only they see the answer."""
    with studio.database.read() as session:
        jobs = jobs_of(session, member_id=person.member_id, before=before, limit=PAGE_SIZE + 1)
        page = tuple(jobs[:PAGE_SIZE])
        return HistoryPage(
            jobs=page,
            undelivered=undelivered(session, [job.id for job in page]),
            older=page[-1].created_at if len(jobs) > PAGE_SIZE else None,
        )
