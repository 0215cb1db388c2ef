"""Does each way to make an image mean what it says? Judged on the starter model, by programs alone.

A mode is a module here with a `TITLE`, a `GOAL` (the share of cases that must hold) and `cases(count)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def modes() -> dict[str, ModuleType]:
    """Every mode by its module's name."""
    names = [entry.name for entry in pkgutil.iter_modules(__path__) if entry.name != "__main__"]
    found = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: module for name, module in found.items() if hasattr(module, "GOAL")}
