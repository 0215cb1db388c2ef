"""Another LoRA over a model in memory, against loading the model anew for it: both through the engine."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from models.addons import LocalAddon, find_addons
from models.catalogue import LocalModel
from models.engine.engine import Engine

_GOAL = 0.05


def swap_over_reload(model: LocalModel, rounds: int) -> Figure:
    """Processor time of a picture whose LoRA is another than the last one's beyond that of one with the same,
    over what a fresh engine, which loads model and LoRA, takes beyond it."""
    from models.tiny.adapters import build_tiny_adapter

    with TemporaryDirectory() as folder:
        for seed in (0, 1):
            build_tiny_adapter(Path(folder, "lora", f"lora-{seed}.safetensors"), model.path, seed=seed)
        addons = find_addons([Path(folder)])
        engine = Engine([model], device="cpu", addons=addons)
        for lora in (0, 1, 0):  # the first ones load, and find the layers
            _seconds(engine, model, lora)
        same = statistics.median(_seconds(engine, model, 0) for _ in range(rounds))
        swapped = statistics.median(_seconds(engine, model, number % 2) for number in range(1, rounds + 1))
        engine.close()
        reloaded = statistics.median(_reloaded(model, addons) for _ in range(rounds))
    value = max(0.0, swapped - same) / (reloaded - same)
    return Figure(name="another LoRA, over a reload", value=value, unit="x", goal=_GOAL, better="lower")


def _seconds(engine: Engine, model: LocalModel, lora: int) -> float:
    """Of a picture of one step."""
    from core.request import Adapter
    from models.engine.api import ImageTask
    from tests.engine.stock import make_starter_request

    adapters = (Adapter(name=f"lora-{lora}"),)
    request = replace(make_starter_request(model, steps=1), adapters=adapters)
    started = time.process_time()
    engine.submit(ImageTask(request=request)).result()
    return time.process_time() - started


def _reloaded(model: LocalModel, addons: list[LocalAddon]) -> float:
    started = time.process_time()
    engine = Engine([model], device="cpu", addons=addons)
    _seconds(engine, model, 0)
    spent = time.process_time() - started
    engine.close()
    return spent
