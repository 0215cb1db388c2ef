"""Base models with the plans and limits that this machine's memory sets; what was traced is remembered."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from models.catalogue import LocalModel
from models.files.header import BadWeights
from models.fits import Machine, needs_of
from models.plans import Curve, Needs, limited, plan_for

logger = logging.getLogger(__name__)

#: Grows whenever `models.fits` or `models.memory` reckons otherwise, so that older answers are not taken.
_FORMAT = 1


def fitting(models: Iterable[LocalModel], machine: Machine, *, cache: Path | None = None) -> list[LocalModel]:
    """The models that can draw on this machine, each with its plan and the limits that follow from it.

    What a model needs is found out once: the file `cache` remembers it between starts.
    """
    traced = Traced(cache, machine)
    fit = list(_fitting(models, traced, machine))
    traced.save()
    return fit


def _fitting(models: Iterable[LocalModel], traced: Traced, machine: Machine) -> Iterator[LocalModel]:
    for model in models:
        needs = traced.needs(model)
        if needs is None:
            yield model
            continue
        plan = plan_for(needs, machine.budget, model.spec.max_side**2)
        spec = limited(model.spec, plan)
        if spec is None:
            logger.warning("%s is left out: no picture of it fits in this machine's memory", model.spec.name)
        else:
            logger.info("%s: %s", spec.name, plan)
            yield replace(model, spec=spec, plan=plan)


class Traced:
    """What models need, by their hashes and by what found it out."""

    def __init__(self, file: Path | None, machine: Machine) -> None:
        """
        Args:
            file: what remembers it between starts.
        """
        self._file = file
        self._machine = machine
        self._how = f"{_FORMAT}:{version('diffusers')}"
        self._known = _read(file)
        self._seen: dict[str, Any] = {}

    def needs(self, model: LocalModel) -> Needs | None:
        """None where it can't be told: the model may draw all the same, and what is wrong with it is told
        when it is loaded."""
        machine = self._machine
        key = f"{self._how}:{model.spec.weights_hash}:{'half' if machine.half else 'full'}:{machine.fused:d}"
        try:
            needs = _told(self._known.get(key)) or needs_of(model, machine)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, BadWeights) as error:
            logger.warning("what %s needs is not known: %s", model.spec.name, error)
            return None
        self._seen[key] = asdict(needs)
        return needs

    def save(self) -> None:
        """Losing it costs time only, so that a full disk is no error."""
        if self._file is not None:
            with suppress(OSError):
                fresh = self._file.with_suffix(f".{os.getpid()}.new")
                fresh.write_text(json.dumps(self._seen), encoding="utf-8")
                fresh.replace(self._file)


def _told(entry: Any) -> Needs | None:
    """What an entry of the file says; None where it is none, or not of this form."""
    with suppress(TypeError, AttributeError):
        return Needs(
            **{name: Curve(**told) if isinstance(told, dict) else told for name, told in entry.items()}
        )
    return None


def _read(file: Path | None) -> dict[str, Any]:
    with suppress(OSError, ValueError, TypeError):
        if file is not None:
            return dict(json.loads(file.read_text("utf-8")))
    return {}
