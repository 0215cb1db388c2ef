"""Another LoRA over a model in memory, against loading the model anew for it."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import ref

from bench.figures import Figure
from models.catalogue import LocalModel

_GOAL = 0.05


def swap_over_reload(model: LocalModel, rounds: int) -> Figure:
    """Processor time of laying another LoRA over UNet and text encoder, over that of loading all anew."""
    import torch

    from models.adapters.files import load_adapter
    from models.adapters.laid import Laid, Overlay
    from models.architectures import module_of
    from models.tiny.adapters import build_tiny_adapter

    cpu, load = torch.device("cpu"), module_of(model.spec.architecture).load
    with TemporaryDirectory() as folder:
        files = [
            build_tiny_adapter(Path(folder, f"{seed}.safetensors"), model.path, seed=seed) for seed in (0, 1)
        ]
        adapters = [load_adapter(file, file.stem, cpu, torch.float32) for file in files]
    loaded = load(model, cpu, torch.float32)
    overlays = {part: Overlay() for part in loaded.networks}
    laid = [
        Laid(name=adapter.name, weights_hash=adapter.name, weight=1.0, adapter=ref(adapter))
        for adapter in adapters
    ]

    def swap(number: int) -> float:
        started = time.process_time()
        for part, network in loaded.networks.items():
            overlays[part].wear(part, network, (laid[number % 2],))
        return time.process_time() - started

    def reload() -> float:
        started = time.process_time()
        load(model, cpu, torch.float32)
        return time.process_time() - started

    swaps = [swap(number) for number in range(rounds + 2)][2:]  # the first wearing finds the layers
    reloads = [reload() for _ in range(rounds)]
    value = statistics.median(swaps) / statistics.median(reloads)
    return Figure(name="another LoRA, over a reload", value=value, unit="x", goal=_GOAL, better="lower")
