"""Lay a picture on a larger canvas, whose new parts are then drawn."""

from __future__ import annotations

from actions.studio import Studio
from core.canvas import Canvas, Extension, extended
from core.inputs import Input, keep_input, load_input
from core.options.inpaint import InpaintOptions
from core.options.models import choose_model
from db.workers import models_available


def extend(studio: Studio, source: Input, by: Extension, *, prompt: str, model: str | None) -> InpaintOptions:
    """How to draw what is around a stored picture. Blocks on the storage.

    Raises:
        Refusal: there is no such model, or the sides can't be that long.
        StorageError: the storage failed.
    """
    with studio.database.read() as session:
        spec = choose_model(model, models_available(session))
    canvas = extended(load_input(studio.storage, source.sha256), by, spec)
    image, mask, change = keep_canvas(studio, canvas)
    return InpaintOptions(prompt=prompt, model=spec.name, image=image, mask=mask, change=change)


def keep_canvas(studio: Studio, canvas: Canvas) -> tuple[Input, Input, Input]:
    """Store the image, the mask and what may change. Raises StorageError."""
    image, mask, change = (
        keep_input(studio.storage, part) for part in (canvas.image, canvas.mask, canvas.change)
    )
    return image, mask, change
