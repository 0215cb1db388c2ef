"""⭐: put a picture among one's favourites, which counts as a vote where its server's rules allow it."""

from __future__ import annotations

from actions.person import Person
from actions.rights import seen_job
from actions.studio import Studio
from db.gallery import recount
from db.ids import read_job_id
from db.votes import has_starred, star, unstar


def favourite(studio: Studio, person: Person, job_id: str, *, wanted: bool | None = None) -> bool:
    """Make a job a favourite of the person's, or no longer one; once for each, however often it is asked.

    Args:
        wanted: None makes it what it is not.

    Returns:
        Whether it is one now.

    Raises:
        NotFound, NotAllowed: as `seen_job`. Taking back is always allowed.
    """
    meant = read_job_id(job_id)
    with studio.database.begin() as session:
        if wanted is None:
            wanted = not has_starred(session, meant, person.member_id)
        if wanted:
            meant = seen_job(session, person, job_id).id
        changed = (star if wanted else unstar)(session, meant, person.member_id)
        if changed:
            recount(session, meant)
    return wanted
