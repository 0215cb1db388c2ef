"""Exact reruns: the recipe that an image is to follow, and whether it could."""

from __future__ import annotations

import logging

from core.recipe import Recipe, drift
from core.words import N_, _
from workers.running import RunningJob

logger = logging.getLogger(__name__)

_GONE = N_("Drawn anew with the same settings: the original's recipe is not there any more.")


def recipe_to_follow(job: RunningJob, index: int) -> Recipe | None:
    """The original's recipe for image `index`; None for a new image, and where it is gone or unreadable."""
    stored = job.claimed.replays.get(index)
    try:
        return None if stored is None else Recipe.from_json(stored)
    except Exception:
        logger.exception("unreadable recipe")
        return None


def note_on(job: RunningJob, index: int, made: Recipe) -> str | None:
    """Why image `index` may differ from the one that it repeats, for the member; None where it can't."""
    if job.claimed.job.replay_of is None:
        return None
    original = recipe_to_follow(job, index)
    return _(_GONE) if original is None else drift(original, made)
