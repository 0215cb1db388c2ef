"""A mask of one thing in a picture, for the stages that follow; the member gets to see it."""

from __future__ import annotations

from core.addon_spec import POINT_MASKER, TEXT_MASKER, AddonKind
from core.stages import MakeMask
from models.engine.api import DrawnMap
from models.engine.images import ImageRun


def make_mask(run: ImageRun, stage: MakeMask) -> None:
    find = run.addon(AddonKind.MASKER, TEXT_MASKER if stage.text else POINT_MASKER)
    run.made_mask = find(run.picture(stage.image).convert("RGB"), stage)
    run.maps[stage] = DrawnMap(kind="mask", image=run.made_mask)
