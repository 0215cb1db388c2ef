"""What a person made lately, to choose from where a picture is named by its id."""

from __future__ import annotations

from actions.person import Person
from actions.studio import Studio
from db.jobs import Job, jobs_of

#: How far back is looked.
_LOOKED_AT = 100


def newest(studio: Studio, person: Person) -> list[Job]:
    """The person's own jobs, the newest first."""
    with studio.database.read() as session:
        return jobs_of(session, member_id=person.member_id, limit=_LOOKED_AT)


def newest_made(studio: Studio, person: Person) -> list[Job]:
    """Those of them that have a picture."""
    return [job for job in newest(studio, person) if job.is_final and job.images_done]
