"""ControlNets and IP-Adapters whose files are replaced while images that use them are under way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.guides import Reference
from core.request import Request
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.api import ImageTask
from models.engine.engine import Engine
from models.tiny.addons import build_tiny_controlnet, build_tiny_ip_adapter
from tests.control.stock import DISC, FLOWER, PICTURES, controlled, draw, referred
from tests.engine.stock import are_equal

_PLAIN, _PLUS = Reference(model="plain", images=(DISC,)), Reference(model="plus", images=(FLOWER,), scale=1.0)


@pytest.mark.parametrize(
    ("request_", "build", "path"),
    [
        pytest.param(controlled({"scale": 2.0}), build_tiny_controlnet, "controlnet/canny", id="ControlNet"),
        pytest.param(referred(_PLAIN), build_tiny_ip_adapter, "ip-adapter/plain", id="IP-Adapter"),
        pytest.param(referred(_PLUS, _PLAIN), build_tiny_ip_adapter, "ip-adapter/plain", id="the second one"),
    ],
)
def test_old_and_new_are_drawn_side_by_side(
    model_dir: Path, tmp_path: Path, request_: Request, build: Callable[..., Path], path: str
) -> None:
    """Each image is what its own add-on alone makes of it, and its recipe names that one."""
    for folder in ("tiny", "controlnet/canny", "ip-adapter/plain", "ip-adapter/plus"):
        shutil.copytree(model_dir / folder, tmp_path / folder)
    engine = Engine(find_models([tmp_path]), device="cpu", addons=find_addons([tmp_path]))
    later = []

    def replace_it(done: int, _total: int, _preview: object) -> None:
        if done == 1:
            build(tmp_path / path, tmp_path / "tiny", seed=5)
            engine.offer(find_models([tmp_path]), find_addons([tmp_path]))
            later.append(engine.submit(ImageTask(request=request_, inputs=PICTURES)))

    try:
        old = draw(engine, request_)
        task = ImageTask(request=request_, inputs=PICTURES, on_progress=replace_it)
        begun = engine.submit(task).result()
        (begun_later,) = (future.result() for future in later)
        new = draw(engine, request_)
    finally:
        engine.close()
    assert np.asarray(old.image).std() >= 20 and not are_equal(old.image, new.image)
    assert are_equal(begun.image, old.image) and are_equal(begun_later.image, new.image)
    assert begun.recipe.weights_hash == old.recipe.weights_hash
    assert begun_later.recipe.weights_hash == new.recipe.weights_hash != old.recipe.weights_hash
