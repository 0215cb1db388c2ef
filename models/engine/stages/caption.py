"""The picture so far in words, which the recipe keeps."""

from __future__ import annotations

from core.addon_spec import AddonKind
from core.stages import Caption
from models.engine.images import ImageRun


def caption(run: ImageRun, stage: Caption) -> None:
    tell = run.addon(AddonKind.CAPTIONER, stage.captioner)
    run.caption = tell(run.picture(None))
