"""Base models with the plans and limits that this machine's memory sets; what was traced is remembered."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from models.catalogue import LocalModel
from models.files.header import BadWeights
from models.fits import Machine, needs_of
from models.plans import Curve, Needs, limited, plan_for

logger = logging.getLogger(__name__)


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
    """What models need, by their hashes."""

    def __init__(self, file: Path | None, machine: Machine) -> None:
        """
        Args:
            file: what remembers it between starts.
        """
        self._file = file
        self._machine = machine
        self._known = _read(file)
        self._seen: dict[str, Any] = {}

    def needs(self, model: LocalModel) -> Needs | None:
        """None where it can't be told: the model may draw all the same, and what is wrong with it is told
        when it is loaded."""
        key = f"{model.spec.weights_hash}:{'half' if self._machine.half else 'full'}:{self._machine.fused:d}"
        try:
            if key not in self._known:
                self._known[key] = asdict(needs_of(model, self._machine))
            self._seen[key] = self._known[key]
            return Needs(**{name: _value(told) for name, told in self._seen[key].items()})
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, BadWeights) as error:
            logger.warning("what %s needs is not known: %s", model.spec.name, error)
            return None

    def save(self) -> None:
        """Losing it costs time only, so that a full disk is no error."""
        if self._file is not None:
            with suppress(OSError):
                fresh = self._file.with_suffix(".new")
                fresh.write_text(json.dumps(self._seen), encoding="utf-8")
                fresh.replace(self._file)


def _value(told: Any) -> Any:
    return Curve(**told) if isinstance(told, dict) else told


def _read(file: Path | None) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        if file is not None:
            return dict(json.loads(file.read_text("utf-8")))
    return {}
