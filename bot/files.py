"""Stored pictures as files that fit Discord's limits: as they are, or as a smaller WebP."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from bot.post import Picture
from bot.text import plain_prompt
from core.errors import ObjectMissing
from core.jobs import ImageKind
from core.storage import Storage
from core.text import shorten
from core.words import _
from db.images import StoredImage
from db.jobs import Job

#: Discord takes this many files a message, and this many bytes a request (with some room for the form).
MAX_FILES = 10
MAX_REQUEST_BYTES = 24 * 2**20
#: What Discord takes for one file where nothing else is known.
DEFAULT_LIMIT = 10 * 2**20

#: Seconds that a link to an original works; a button makes a new one.
LINK_LIFE_S = 3600

#: Characters that Discord takes for an alternative text, and how many of them say what was asked for.
ALT_LENGTH = 1024
_PROMPT_READ = 800

_QUALITIES = (92, 80, 65, 50)
_SMALLEST_SIDE = 64
#: The longest side of a WebP picture: https://developers.google.com/speed/webp/faq
_WEBP_SIDE = 16383


def fitting_pictures(
    storage: Storage, job: Job, images: Sequence[StoredImage], *, limit: int
) -> tuple[tuple[Picture, ...], bool]:
    """A job's pictures, the grid first, each of at most `limit` bytes; True where one had to be made smaller.

    Blocks on the storage and on encoding. Raises StorageError; ObjectMissing where a result is gone.
    """
    shown = _shown(job, images)[:MAX_FILES]
    budget = min(limit, MAX_REQUEST_BYTES // max(1, len(shown)))
    pictures: list[Picture] = []
    shrunk = False
    for image in shown:
        try:
            data = storage.get(image.key)
        except ObjectMissing:
            if image.kind != ImageKind.RESULT:
                continue
            raise
        small = data if len(data) <= budget else shrink(data, budget)
        shrunk = shrunk or small is not data
        pictures.append(
            Picture(
                name=_file_name(image, small is data),
                data=small,
                description=alt_text(job, image),
                spoiler=image.flagged,
            )
        )
    return tuple(pictures), shrunk


def shrink(data: bytes, limit: int) -> bytes:
    """The picture as WebP of at most `limit` bytes: lower quality first, then half the side, and so on."""
    with Image.open(io.BytesIO(data), formats=("PNG", "WEBP")) as opened:
        image = opened.convert("RGB")
    while max(image.size) > _WEBP_SIDE:
        image = image.reduce(2)
    while True:
        for quality in _QUALITIES:
            buffer = io.BytesIO()
            image.save(buffer, "WEBP", quality=quality)
            if buffer.tell() <= limit or (min(image.size) <= _SMALLEST_SIDE and quality == _QUALITIES[-1]):
                return buffer.getvalue()
        image = image.reduce(2)


def alt_text(job: Job, image: StoredImage) -> str:
    """What a picture was asked to show, as one line for those who hear it read: 1 to 1024 characters."""
    return shorten(_described(job, image, plain_prompt(job, _PROMPT_READ)), ALT_LENGTH)


def _described(job: Job, image: StoredImage, prompt: str) -> str:
    if image.kind == ImageKind.GRID and job.request.axes:
        sides = [f"{axis.name} {', '.join(axis.values)}" for axis in job.request.axes]
        if len(sides) == 1:
            return _("A grid of {sides}: {prompt}", sides=sides[0], prompt=prompt)
        return _("A grid of {across} by {down}: {prompt}", across=sides[0], down=sides[1], prompt=prompt)
    if image.kind == ImageKind.GRID:
        return _("All {count} pictures side by side: {prompt}", count=job.images_done, prompt=prompt)
    if image.kind == ImageKind.MAP:
        return _(
            "Map {number}, drawn from a given picture; it can be given as a map again: {prompt}",
            number=image.index + 1,
            prompt=prompt,
        )
    return _(
        "Picture {number} of {count}: {prompt}",
        number=image.index + 1,
        count=job.image_count,
        prompt=prompt,
    )


def _shown(job: Job, images: Sequence[StoredImage]) -> list[StoredImage]:
    """The grid first, maps last; of an X/Y grid, whose pictures are many, nothing else."""
    grids = [image for image in images if image.kind == ImageKind.GRID]
    if job.request.axes and grids:
        return grids
    order = (ImageKind.GRID, ImageKind.RESULT, ImageKind.MAP)
    return sorted(images, key=lambda image: (order.index(image.kind), image.index))


def _file_name(image: StoredImage, original: bool) -> str:
    number = image.index + 1
    parts = {ImageKind.GRID: "grid", ImageKind.RESULT: f"{number}", ImageKind.MAP: f"map-{number}"}
    stem = f"{image.job_id}-{parts[image.kind]}"
    ending = image.key.rpartition(".")[2] if original else "webp"
    return f"{stem}.{ending}"


def original_links(storage: Storage, images: Sequence[StoredImage]) -> list[str]:
    """A line for each stored picture: its address, good for an hour, or its key where there are none."""
    lines = []
    for image in images:
        if image.kind == ImageKind.RESULT:
            url = storage.url(image.key, LINK_LIFE_S)
            name = _(
                "Picture {number}, {width}×{height}, {size} KiB",
                number=image.index + 1,
                width=image.width,
                height=image.height,
                size=image.bytes // 1024,
            )
            lines.append(
                f"[{name}]({url})"
                if url
                else _("{name}: `{key}` on the owner's disk", name=name, key=image.key)
            )
    return lines
