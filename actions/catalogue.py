"""Look at what there is to draw with: models, and what can be added to them."""

from __future__ import annotations

from actions.studio import Studio
from core.addon_spec import AddonKind, AddonSpec
from core.model_spec import ModelSpec
from db.addons import addons_available
from db.workers import models_available


def models(studio: Studio) -> list[ModelSpec]:
    """Models that some worker can load, by title."""
    with studio.database.read() as session:
        return models_available(session)


def addons(studio: Studio, *kinds: AddonKind) -> list[AddonSpec]:
    """What of these kinds some worker can use, kind by kind, by title."""
    with studio.database.read() as session:
        return [spec for kind in kinds for spec in addons_available(session, kind)]
