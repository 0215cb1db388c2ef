"""The worker's hands in tests of actions, and what is left on an account."""

from __future__ import annotations

from PIL import Image

from actions.studio import Studio
from core.jobs import ImageKind
from core.pictures import encode_input
from core.storage import image_key
from db import accounts
from db.claiming import claim_next
from db.claims import Claim, complete_image
from db.images import NewImage
from db.jobs import Job


def balance(studio: Studio, job: Job) -> int:
    with studio.database.read() as session:
        return accounts.balance(session, job.account_id)


def claim(studio: Studio) -> Claim:
    with studio.database.begin() as session:
        claimed = claim_next(session, "w", lease_s=60, limit=10)
    assert claimed is not None
    return claimed.claim


def store(studio: Studio, job: Job, count: int = 1) -> None:
    """The next job, this one, gets its first pictures, as a worker stores them."""
    token = claim(studio)
    png = encode_input(Image.new("RGB", (64, 64), "red"))
    for index in range(count):
        key = image_key(job.id, index)
        studio.storage.put(key, png, "image/png")
        image = NewImage(
            index=index,
            kind=ImageKind.RESULT,
            key=key,
            sha256="0" * 64,
            width=64,
            height=64,
            bytes=len(png),
            recipe={},
        )
        with studio.database.begin() as session:
            assert complete_image(session, token, image)
