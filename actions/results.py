"""One picture of a job, looked up and read back."""

from __future__ import annotations

import io

from PIL import Image
from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import seen_job
from actions.studio import Studio
from core.errors import NotFound, ObjectMissing
from core.jobs import ImageKind
from core.words import N_, _
from db.images import StoredImage, images_of
from db.jobs import Job, get_job

_GONE = N_("That picture is not there (any more).")


def shown_picture(session: Session, job_id: str, index: int) -> tuple[Job, StoredImage] | None:
    """A job and its picture `index` (0-based); None where they are gone, or a moderator has to look first."""
    job = get_job(session, job_id)
    images = [image for image in images_of(session, job_id) if image.index == index]
    return None if job is None or not images else (job, images[0])


def result_image(
    studio: Studio, person: Person, job_id: str, index: int, *, kind: ImageKind = ImageKind.RESULT
) -> tuple[Job, Image.Image]:
    """A job and its picture `index` (0-based) of a kind, RGB. Blocks on the storage.

    Raises:
        NotFound: there is no such picture, or it is not theirs to see.
        StorageError: the storage failed.
    """
    with studio.database.read() as session:
        job = seen_job(session, person, job_id)
        keys = {image.index: image.key for image in images_of(session, job.id, kind)}
    if index not in keys:
        raise NotFound(_(_GONE))
    try:
        png = studio.storage.get(keys[index])
    except ObjectMissing:
        raise NotFound(_(_GONE)) from None
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return job, image.convert("RGB")
