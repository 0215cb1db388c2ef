"""Erase oneself: pictures, words, settings and votes go; ledger and audit stay, and name nobody."""

from __future__ import annotations

from collections.abc import Iterator

from actions.delete import delete_objects
from actions.person import Person
from actions.studio import Studio
from core.storage import exports_of, grid_key, preview_key
from db.audit import record
from db.erasing import delete_next_jobs, erase_member
from db.gallery import ERASED
from db.jobs import Job
from db.members import lock_member

_BATCH = 25


def erase(studio: Studio, person: Person) -> Iterator[list[Job]]:
    """Erase everything of the person's, in all servers of this studio. Blocks on the storage.

    A job that runs is stopped, and what its worker still makes is dropped. Broken off, it can be begun again.

    Yields:
        The jobs as they were, some at a time.
    """
    while True:
        with studio.database.begin() as session:
            # A submit under way ends before this, or begins anew after it.
            lock_member(session, person.member_id, erasing=True)
            jobs, keys = delete_next_jobs(session, person.member_id, _BATCH)
            if not jobs:
                keys = erase_member(session, person.member_id)
                record(session, ERASED, "privacy.erase", "erased")
        delete_objects(studio, {*keys, *(key(job.id) for job in jobs for key in (preview_key, grid_key))})
        if not jobs:
            break
        yield jobs
    delete_objects(studio, [archive.key for archive in studio.storage.keys(exports_of(person.member_id))])
