"""A mask of one thing in a picture, for the stages that follow; the member gets to see it."""

from __future__ import annotations

from core.addon_spec import AddonKind
from core.stages import MakeMask
from models.engine.images import ImageRun


def make_mask(run: ImageRun, stage: MakeMask) -> None:
    find = run.addon(AddonKind.MASKER, stage.masker)
    picture = run.picture(stage.image)
    run.made_mask = run.draw_once(stage, "mask", lambda: find(picture.convert("RGB"), stage))
