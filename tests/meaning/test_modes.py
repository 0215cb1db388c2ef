"""The first cases of every mode of `bench.meaning`."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from bench.meaning import modes
from bench.meaning.cases import failing
from core.settings import STARTER_MODEL_DIR
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.engine import Engine

_CASES = 12
#: Of twelve cases chance may take one more than of fifty; where all must hold, none.
_SLACK = 1


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    directories = [STARTER_MODEL_DIR]
    engine = Engine(find_models(directories), device="cpu", addons=find_addons(directories))
    yield engine
    engine.close()


@pytest.mark.parametrize("mode", modes().values(), ids=modes())
def test_mode(engine: Engine, mode: ModuleType) -> None:
    failed = failing(engine, mode.cases(_CASES))
    allowed = (1 - mode.GOAL) * _CASES + (_SLACK if mode.GOAL < 1 else 0)
    assert len(failed) <= allowed, failed
