"""Go on with a picture beyond its edges: zoom out of it, or pan to a side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from actions.extend import keep_canvas
from actions.person import Asked, Person
from actions.results import result_image
from actions.studio import Studio
from actions.submit import model_of, resubmit
from core.canvas import Canvas, panned, zoomed_out
from core.errors import Refusal
from core.grid import image_request
from core.inputs import Input
from core.model_spec import ModelSpec
from core.request import Request
from core.sizes import size_like
from core.stages import MAX_SEED, Composite, Decode, Denoise, EncodeImage, EncodeText
from core.words import _
from db.jobs import Job

#: Lays a picture on a canvas with room for more.
Framing = Callable[[Image.Image, ModelSpec], Canvas]


def zoom_out(studio: Studio, person: Person, asked: Asked, job_id: str, index: int, *, factor: float) -> Job:
    """Picture `index` (0-based), smaller by the factor, with more around it. Blocks on the storage.

    Raises:
        NotFound or another Refusal; then there is no job.
        StorageError: the storage failed.
    """
    return _reframe(studio, person, asked, job_id, index, lambda image, spec: zoomed_out(image, factor, spec))


def pan(
    studio: Studio, person: Person, asked: Asked, job_id: str, index: int, *, across: int, down: int
) -> Job:
    """The view moved by half a picture: -1, 0 or 1 across and down. Blocks and raises as `zoom_out`."""
    return _reframe(
        studio,
        person,
        asked,
        job_id,
        index,
        lambda image, spec: panned(image, across=across, down=down, spec=spec),
    )


def _reframe(studio: Studio, person: Person, asked: Asked, job_id: str, index: int, framing: Framing) -> Job:
    original, image = result_image(studio, person, job_id, index)
    with studio.database.read() as session:
        spec = model_of(session, original)
    parts = keep_canvas(studio, framing(_drawable(image, spec), spec))
    request = _on_canvas(image_request(original.request, index), spec, *parts)
    request = replace(request, seed=studio.rng.randrange(MAX_SEED + 1))
    return resubmit(studio, person, asked, original, request, exact=False)


def _drawable(image: Image.Image, spec: ModelSpec) -> Image.Image:
    """The picture itself, or near the model's native area where the model draws no such sides."""
    size = size_like(image.width, image.height, spec)
    steps = (abs(side - own) for side, own in zip(size, image.size, strict=True))
    return image if max(steps) < spec.side_multiple else image.resize(size, Image.Resampling.LANCZOS)


def _on_canvas(request: Request, spec: ModelSpec, image: Input, mask: Input, change: Input) -> Request:
    """The order's words and settings, drawn where the mask is white."""
    words = [stage for stage in request.stages if isinstance(stage, EncodeText)]
    drawn = [stage for stage in request.stages if isinstance(stage, Denoise) and stage.model is None]
    if not (words and drawn and spec.draws):
        raise Refusal(_("That picture was not drawn from words. `/outpaint` goes on with any picture."))
    width, height = size_like(image.width, image.height, spec)
    denoise = replace(
        drawn[0],
        width=width,
        height=height,
        strength=1.0,
        mask=mask.sha256,
        variation=None,
        # What guided the first picture does not fit the canvas.
        controls=(),
        start=0.0,
        end=1.0,
    )
    whole = (image.width, image.height)
    source = EncodeImage(image=image.sha256, width=width, height=height, whole=whole)
    composite = Composite(image=image.sha256, mask=change.sha256)
    return replace(request, stages=(words[0], source, denoise, Decode(), composite))
