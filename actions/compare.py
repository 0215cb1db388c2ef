"""Put two pictures side by side."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from PIL import Image

from actions.info import info
from actions.person import Person
from actions.results import result_image
from actions.studio import Studio
from core.errors import BadOption
from core.words import _
from db.jobs import Job

#: Pixels: the most that either picture is high and wide, and what is between them.
MOST_HIGH = 1024
MOST_WIDE = 4 * MOST_HIGH
GAP = 12
#: A job's id and, where there are several pictures, which of them: "7ZK3A0QF2M 2".
_NAMED = re.compile(r"\s*(?P<job>[^\s:#]{1,40})(?:[\s:#]+(?P<number>\d{1,2}))?\s*")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    first: Job
    second: Job
    #: Both as one PNG, equally high.
    png: bytes
    #: One of them is shown behind a spoiler.
    flagged: bool


def compare(studio: Studio, person: Person, first: str, second: str) -> Comparison:
    """Two pictures, each named by a job's id and, where it has several, a number. Blocks on the storage.

    Raises:
        BadOption: it is no such name.
        NotFound, NotAllowed: there is no such picture, or it is not theirs to see here.
        StorageError: the storage failed.
    """
    named = [_read("first", first), _read("second", second)]
    found = [result_image(studio, person, job_id, index) for job_id, index in named]
    flagged = [
        image.flagged
        for job_id, index in named
        for image in info(studio, person, job_id).images
        if image.index == index
    ]
    (job, left), (other, right) = found
    return Comparison(first=job, second=other, png=_side_by_side(left, right), flagged=any(flagged))


def _read(option: str, typed: str) -> tuple[str, int]:
    match = _NAMED.fullmatch(typed)
    if match is None:
        raise BadOption(
            option, typed, _("give the id below a picture and, of several, its number: `7ZK3A0QF2M 2`.")
        )
    return match["job"], max(0, int(match["number"] or 1) - 1)


def _side_by_side(left: Image.Image, right: Image.Image) -> bytes:
    height = min(MOST_HIGH, max(left.height, right.height))
    both = [_as_high(picture, height) for picture in (left, right)]
    size = (both[0].width + GAP + both[1].width, max(picture.height for picture in both))
    canvas = Image.new("RGB", size, "white")
    canvas.paste(both[0], (0, 0))
    canvas.paste(both[1], (both[0].width + GAP, 0))
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG")
    return buffer.getvalue()


def _as_high(picture: Image.Image, height: int) -> Image.Image:
    """The picture at this height; a very wide one at the greatest width."""
    scale = min(height / picture.height, MOST_WIDE / picture.width)
    if scale == 1:
        return picture
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)
