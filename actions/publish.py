"""🖼: put a picture of one's own into the server's gallery, and take it out again."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image
from sqlalchemy.orm import Session

from actions.person import Person
from actions.prompt_filter import check_words
from actions.rights import Verb, job_of_theirs, may, own_job, seen_job
from actions.studio import Studio
from core.errors import NotAllowed, NotFound, ObjectMissing, Refusal
from core.gallery import prompt_words, read_tags
from core.phash import looks_same, phash
from core.prompt_filter import check_prompt
from core.words import _
from db import gallery
from db.audit import record
from db.blocked_pictures import blocked_hashes
from db.gallery import Entry, GallerySettings
from db.images import StoredImage, images_of
from db.jobs import Job
from db.votes import lock_votes


class Sure(Refusal):
    """A private picture: whoever publishes it has to say that they are sure."""


class WhichOne(Refusal):
    """The job has several pictures, and one can be published."""

    def __init__(self, job_id: str, made: tuple[int, ...]) -> None:
        self.job_id = job_id
        #: Their indices, 0-based.
        self.made = made
        super().__init__(_("There are several pictures, of which one can be in the gallery. Which one?"))


@dataclass(frozen=True, kw_only=True)
class Published:
    entry: Entry
    #: Of the server.
    settings: GallerySettings


def publish(
    studio: Studio,
    person: Person,
    job_id: str,
    index: int | None = None,
    *,
    tags: str = "",
    sure: bool = False,
) -> Published:
    """Show a picture to the whole server. Blocks on the storage.

    Args:
        index: which of the job's, 0-based; None where there is one alone.
        tags: words that it is found by besides those of its prompt.
        sure: they know that a private picture is private no longer.

    Raises:
        NotFound: there is no such picture here.
        NotAllowed: it is another member's, they are banned, or it may not be shown.
        WhichOne, Sure: they have to be asked.
        Refusal: one of the job's pictures is in the gallery already, or the tags will not do.
    """
    named = read_tags(tags)
    with studio.database.read() as session:
        job, image = _own_picture(session, person, job_id, index)
        _check_text(studio, session, person, job, tags)
    look = _look(studio, image)
    if job.ephemeral and not sure:
        raise Sure(
            _("Only you see this picture. Published, it, its words and its settings are for everybody here.")
        )
    with studio.database.begin() as session:
        # Once more: rights end, and pictures go, while the storage is slow. From here on erasing it waits.
        lock_votes(session, job.id)
        job, image = _own_picture(session, person, job_id, image.index)
        assert job.guild_id is not None, "it is a picture of this server"
        if look is not None and any(looks_same(look, one) for one in blocked_hashes(session, job.guild_id)):
            raise NotAllowed(_("That picture was taken down from this server, so it is not shown here."))
        entry = gallery.publish(
            session,
            guild_id=job.guild_id,
            job_id=job.id,
            index=image.index,
            member_id=job.member_id,
            age_restricted=for_adults(job, image),
            words=prompt_words(job.request.typed_prompt) | named,
        )
        if entry is None:
            raise Refusal(
                _("One of these pictures is in the gallery already; `/gallery unpublish` takes it out.")
            )
        return Published(entry=entry, settings=gallery.gallery_settings(session, job.guild_id))


def unpublish(studio: Studio, person: Person, job_id: str) -> Job:
    """Take a job's picture out of the gallery, contests and the gallery channel, as a moderator may, too.

    Raises:
        NotFound: it is not there.
        NotAllowed: it is another member's.
    """
    with studio.database.begin() as session:
        job = own_job(session, person, job_id)
        if not gallery.withdraw(session, job.id):
            raise NotFound(_("`{job}` is not in the gallery.", job=job.id))
        if job.member_id != person.member_id:
            detail = {"member_id": job.member_id}
            record(session, person.member_id, "gallery.unpublish", job.id, detail, guild_id=job.guild_id)
    return job


def for_adults(job: Job, image: StoredImage) -> bool:
    """Whether a picture is shown in age-restricted channels only: by where it was made, and by its looks."""
    return job.age_restricted or image.flagged


def _own_picture(session: Session, person: Person, job_id: str, index: int | None) -> tuple[Job, StoredImage]:
    """The person's own picture, which they may publish where they are."""
    job = job_of_theirs(session, person, job_id)
    if job.member_id != person.member_id:
        raise NotAllowed(_("This is another member's picture; only they can publish it."))
    # Now that it is theirs, they may be told why it is not shown here.
    seen_job(session, person, job.id)
    may(session, person, Verb.TAKE_PART)
    if job.guild_id is None or job.guild_id != person.guild_id:
        raise Refusal(_("A picture is published in the server that it was made in; use it there."))
    images = {image.index: image for image in images_of(session, job.id)}
    if index is None and len(images) > 1 and not job.ephemeral:
        raise WhichOne(job.id, tuple(images))
    if job.ephemeral and job.image_count > 1:
        raise Refusal(
            _(
                "These pictures are private, and publishing one would show all of them. 🎛️, *On its own* "
                "makes one a picture by itself, which can be published."
            )
        )
    image = images.get(min(images, default=0) if index is None else index)
    if image is None:
        raise NotFound(_("There is no such picture (any more), or a moderator has to look at it first."))
    return job, image


def _check_text(studio: Studio, session: Session, person: Person, job: Job, tags: str) -> None:
    """The prompt may have been written before the server's list was; tags are new."""
    check_prompt(tags)
    typed = [text for text in (job.request.typed_prompt, tags) if text]
    check_words(studio, session, [person.guild_id], typed)


def _look(studio: Studio, image: StoredImage) -> int | None:
    """What the picture looks like (`core.phash`). Raises NotFound."""
    try:
        png = studio.storage.get(image.key)
    except ObjectMissing:
        raise NotFound(_("That picture is not there (any more).")) from None
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        return phash(opened)
