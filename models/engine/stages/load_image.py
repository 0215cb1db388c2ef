"""A given picture becomes the picture so far."""

from __future__ import annotations

from core.stages import LoadImage
from models.engine.images import ImageRun


def load_image(run: ImageRun, stage: LoadImage) -> None:
    run.image = run.picture(stage.image).convert("RGB")
