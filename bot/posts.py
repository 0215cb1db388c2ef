"""What a job's message shows in each state of its life."""

from __future__ import annotations

from collections.abc import Sequence

from bot.buttons import Cancel, ShowMe, row_of
from bot.credit import credit_text
from bot.files import fitting_pictures
from bot.layout import result_view
from bot.post import Picture, Post
from bot.text import progress_text, queued_text, result_text
from core.errors import StorageError
from core.storage import Storage, preview_key
from core.text import escape_markdown, shorten
from core.words import _
from db.credit import Credit
from db.images import StoredImage
from db.jobs import Job
from db.queue import QueuePosition

_CAPTION_SHOWN = 500


def queued_post(job: Job, place: QueuePosition | None) -> Post:
    return Post(content=queued_text(job, place), view=row_of(job.id, Cancel))


def progress_post(storage: Storage, job: Job, place: QueuePosition | None) -> Post:
    """The step bar and the newest preview. Blocks on the storage."""
    try:
        data = storage.get(preview_key(job.id))
    except StorageError:
        # There is none yet, or the next edit brings it.
        pictures: tuple[Picture, ...] = ()
    else:
        alt = _("Preview at step {step} of {steps}", step=job.step, steps=job.total_steps)
        pictures = (Picture(name="preview.webp", data=data, description=alt),)
    return Post(content=progress_text(job, place), pictures=pictures, view=row_of(job.id, Cancel))


def ended_post(
    storage: Storage,
    job: Job,
    images: Sequence[StoredImage],
    *,
    limit: int,
    credit: Credit | None = None,
) -> Post:
    """A job that has ended, its pictures within `limit` bytes each. Blocks; raises StorageError.

    Args:
        credit: whose published picture it was made of.
    """
    pictures, shrunk = fitting_pictures(storage, job, images, limit=limit)
    note = (
        _("Shown smaller to fit this server's upload limit; the button has the originals.")
        if shrunk
        else None
    )
    view = result_view(job, images, shrunk=shrunk)
    said = [_caption_text(image) for image in images if image.recipe and image.recipe.get("caption")]
    notes = [*said, *([credit_text(credit)] if credit else []), *([note] if note else [])]
    return Post(content=result_text(job, note="\n".join(notes)), pictures=pictures, view=view)


def _caption_text(image: StoredImage) -> str:
    """What a captioner said of the picture."""
    caption = str((image.recipe or {})["caption"])
    return f"💬 {escape_markdown(shorten(caption, _CAPTION_SHOWN))}"


def notice_post(job: Job) -> Post:
    """For the channel, where a private picture could not be sent to its member: it shows nothing of it."""
    text = _(
        "{member}, your picture is ready, and your direct messages are closed to me.",
        member=f"<@{job.member_id}>",
    )
    return Post(content=text, view=row_of(job.id, ShowMe), notifies=job.member_id)
