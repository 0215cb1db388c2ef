"""The model that a member names."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Refusal
from core.model_spec import ModelSpec
from core.options.checks import named
from core.words import _


def choose_model(name: str | None, available: Sequence[ModelSpec]) -> ModelSpec:
    """The model of that name, or the first one where none is named.

    Raises:
        BadOption: no available model has this name. Names are compared, never opened as a path.
        Refusal: there is no model at all.
    """
    drawing = [spec for spec in available if spec.draws]
    if not drawing:
        raise Refusal(_("No worker is running, so there is no model to draw with. Please try again soon."))
    if name is None or not name.strip():
        return drawing[0]
    names = {spec.name: spec for spec in drawing}
    return names[named("model", name, names)]
