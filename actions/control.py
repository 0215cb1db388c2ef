"""Guides for a picture: ControlNets by name, each with what it follows."""

from __future__ import annotations

from actions.addons import choose_addon
from actions.studio import Studio
from core.addon_spec import PREPROCESSORS, AddonKind
from core.inputs import Input
from core.options.checks import named
from core.options.control import Guide

#: Chosen for a picture that is a map already.
READY_MADE = "ready-made"


def guide(
    studio: Studio, control: str | None, image: Input, *, preprocessor: str | None, model: str | None
) -> Guide:
    """A ControlNet (None: the first one) and its picture.

    Args:
        preprocessor: how the map is drawn from the picture; READY_MADE where it is one; None: as the
            ControlNet was trained.

    Raises:
        Refusal: there is no such ControlNet or preprocessor.
    """
    spec = choose_addon(studio, AddonKind.CONTROLNET, control, model=model)
    if preprocessor is None:
        drawn = spec.preprocessor
    else:
        chosen = named("preprocessor", preprocessor, (READY_MADE, *PREPROCESSORS))
        drawn = None if chosen == READY_MADE else chosen
    return Guide(control=spec.name, image=image, preprocessor=drawn)
