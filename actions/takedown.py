"""Take a picture down for good: from Discord, the storage and every rerun, and keep it from coming back."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image

from actions.delete import delete
from actions.person import Person
from actions.rights import Verb, job_of_theirs, may, server_where
from actions.studio import Studio
from core.errors import BadOption, NotAllowed, NotFound, ObjectMissing
from core.inputs import load_input
from core.phash import looks_same, phash
from core.text import clean_text, is_blank
from core.words import _
from db.audit import record
from db.blocked_pictures import block_pictures, blocked_hashes, jobs_with_the_same, unblock_pictures
from db.ids import read_job_id
from db.images import StoredImage, images_of
from db.jobs import Job

MAX_REASON_CHARACTERS = 300


@dataclass(frozen=True, kw_only=True)
class TakenDown:
    #: The jobs as they were, the one that was meant last.
    jobs: tuple[Job, ...]
    #: How many of its pictures are known again; one of all but one colour is not.
    blocked: int


def take_down(studio: Studio, person: Person, job_id: str, reason: str) -> TakenDown:
    """Erase a job, and others of the server that made one of its pictures to the byte; block its pictures.

    Blocks on the storage.

    Raises:
        NotAllowed: the person does not moderate here.
        NotFound: there is no such job here.
        BadOption: no reason is given.
        StorageError: what the pictures look like could not be read, and nothing was taken down.
    """
    words = clean_text("reason", reason, limit=MAX_REASON_CHARACTERS)
    if is_blank(words):
        raise BadOption("reason", reason, _("say in a few words why; the audit keeps it."))
    with studio.database.read() as session:
        may(session, person, Verb.MODERATE)
        job = job_of_theirs(session, person, job_id, moderating=True)
        if job.guild_id is None or job.guild_id != person.guild_id:
            raise NotFound(_("That is no picture of this server."))
        images = [image for held in (False, True) for image in images_of(session, job.id, held=held)]
        others = jobs_with_the_same(session, job.guild_id, job.id)
    hashes = {found for image in images if (found := _hash_of(studio, image)) is not None}
    with studio.database.begin() as session:
        # Before anything is erased: what was interrupted can be done again, and nothing comes back meanwhile.
        block_pictures(session, job.guild_id, job.id, hashes)
        detail = {"reason": words, "member_id": job.member_id, "reruns": others, "blocked": len(hashes)}
        record(session, person.member_id, "picture.takedown", job.id, detail, guild_id=job.guild_id)
    erased = (_erase(studio, person, one) for one in others)
    jobs = (*(one for one in erased if one is not None), _erase(studio, person, job.id) or job)
    return TakenDown(jobs=jobs, blocked=len(hashes))


def _erase(studio: Studio, person: Person, job_id: str) -> Job | None:
    """None where somebody else has erased it meanwhile."""
    try:
        return delete(studio, person, job_id)
    except NotFound:
        return None


def let_back(studio: Studio, person: Person, job_id: str) -> None:
    """Pictures like those of a job that was taken down may come back. Raises NotAllowed, NotFound."""
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MODERATE)
        meant = read_job_id(job_id)
        if not unblock_pictures(session, guild_id, meant):
            raise NotFound(_("Nothing is blocked for that picture."))
        record(session, person.member_id, "picture.let back", meant, guild_id=guild_id)


def check_pictures(studio: Studio, guild_id: int | None, given: Collection[str]) -> None:
    """Refuse pictures (SHA-256 of inputs) that look like one that was taken down from this server.

    Blocks on the storage where the server has blocked any.

    Raises:
        NotAllowed: one does.
        StorageError: the storage failed, so that it is not known.
    """
    if guild_id is None or not given:
        return
    with studio.database.read() as session:
        blocked = blocked_hashes(session, guild_id)
    for sha256 in given if blocked else ():
        try:
            found = phash(load_input(studio.storage, sha256))
        except ObjectMissing:
            # The worker will not find it, either, and say so.
            continue
        if found is not None and any(looks_same(found, one) for one in blocked):
            raise NotAllowed(
                _("That picture was taken down from this server, so nothing is made from it here.")
            )


def _hash_of(studio: Studio, image: StoredImage) -> int | None:
    """None where nothing is to be seen on it, or it is gone."""
    try:
        png = studio.storage.get(image.key)
    except ObjectMissing:
        return None
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        return phash(opened)
