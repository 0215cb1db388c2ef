"""Which models are in memory under a budget."""

from __future__ import annotations

import shutil
import threading
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.addon_spec import AddonKind
from core.request import Adapter
from models.addons import LocalAddon, find_addons
from models.catalogue import LocalModel, find_models
from models.engine import addons, residency, waiting
from models.engine.api import ImageFailed, ImageTask, UnknownModel
from models.engine.engine import Engine
from models.engine.model import LoadedModel
from models.engine.residency import Residency
from models.plans import Way
from models.tiny.adapters import build_tiny_adapter
from tests.engine.plans import drawn
from tests.engine.stock import SIDE, make_request


@pytest.fixture
def three(model_dir: Path, tmp_path: Path) -> list[LocalModel]:
    """Models "a", "b" and "c" of equal size."""
    for name in "abc":
        folder = Path(shutil.copytree(model_dir / "tiny", tmp_path / name))
        (folder / "atelier.json").write_text(f'{{"name": "{name}"}}')
    return find_models([tmp_path])


@pytest.fixture
def ink(three: list[LocalModel], tmp_path: Path) -> LocalAddon:
    """A LoRA that fits them."""
    build_tiny_adapter(tmp_path / "lora" / "ink.safetensors", three[0].path)
    (addon,) = (one for one in find_addons([tmp_path]) if one.spec.kind is AddonKind.LORA)
    return addon


def _task(model: str, steps: int = 3, **options) -> ImageTask:
    return ImageTask(request=replace(make_request(steps=steps), model=model), **options)


def _inked(model: str) -> ImageTask:
    task = _task(model)
    return replace(task, request=replace(task.request, adapters=(Adapter(name="ink", weight=1.0),)))


def _size(model: LocalModel) -> int:
    return sum(file.stat().st_size for file in model.path.glob("*/*.safetensors"))


def test_the_least_recently_used_leaves(three: list[LocalModel]) -> None:
    engine = Engine(three, device="cpu", budget_bytes=int(_size(three[0]) * 2.5))
    for name, resident in (("a", "a"), ("b", "ab"), ("a", "ab"), ("c", "ac"), ("b", "bc")):
        engine.submit(_task(name)).result()
        assert engine.resident == set(resident)
    engine.close()


def test_models_that_images_wait_for_leave_last(three: list[LocalModel]) -> None:
    size = _size(three[0])
    held = Residency(three, torch.device("cpu"), int(size * 3.5))
    for name in "abc":
        held.load(held.find(name).model)
    needed = held._budget - sum(model.bytes for model in held._loaded.values())
    # "a" was used first and would leave first; as images wait for it, "b" does.
    assert held.make_room(needed + 1, {}, wanted={"a"}) == ["b"]
    # What calls take counts once, the largest of all.
    held.load(held.find("b").model)
    assert held.make_room(0, {"a": needed + 1, "b": needed}) == ["c"]
    # Nobody waits for what is in use by itself alone.
    assert held.make_room(0, {"a": 0}, working=10 * size, name="a") == ["b"]
    assert held.make_room(0, {"a": 0}, working=10 * size, name="b") is None
    # Who does not wait drives out all that is idle, enough or not.
    held.load(held.find("b").model)
    assert held.make_room(10 * size, {"a": 0}) is None
    assert held.make_room(10 * size, {"a": 0}, at_once=True) == ["b"]


def test_a_model_in_use_stays_and_the_other_waits(
    three: list[LocalModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for one model, its newer images go first until the other's patience ends."""
    monkeypatch.setattr(waiting, "PATIENCE_S", 0.5)
    engine = Engine(three, device="cpu", budget_bytes=int(_size(three[0]) * 1.5))
    under_way = threading.Event()
    first = engine.submit(_task("a", steps=30, on_progress=lambda *_: under_way.set()))
    assert under_way.wait(20)
    other = engine.submit(_task("b"))
    stop = threading.Event()
    stream = [engine.submit(_task("a", steps=30, cancelled=stop)) for _ in range(4)]
    assert first.result().recipe.model == "a"
    while not other.done():
        stream.append(engine.submit(_task("a", steps=30, cancelled=stop)))
        stream[-2].exception()
        assert len(stream) < 500
    assert other.result().recipe.model == "b"
    stop.set()
    engine.close()


def test_a_model_larger_than_the_budget_still_runs_alone(three: list[LocalModel]) -> None:
    engine = Engine(three, device="cpu", budget_bytes=1)
    assert engine.submit(_task("a")).result().image
    assert engine.submit(_task("b")).result().image
    assert engine.resident == {"b"}
    engine.close()


def test_a_broken_model_fails_its_own_images_only(three: list[LocalModel]) -> None:
    (three[1].path / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"torn")
    engine = Engine(three, device="cpu")
    broken, healthy = engine.submit(_task("b")), engine.submit(_task("a"))
    assert isinstance(broken.exception(), ImageFailed)
    assert healthy.result().image
    engine.close()


@pytest.mark.parametrize("next_is_broken", [False, True])
def test_an_evicted_model_is_gone_before_the_next_one_loads(
    three: list[LocalModel], monkeypatch: pytest.MonkeyPatch, next_is_broken: bool
) -> None:
    module_of = residency.module_of
    loaded: dict[str, weakref.ref[LoadedModel]] = {}
    alive_at_load: list[list[str]] = []

    class Watched:
        @staticmethod
        def load(local: LocalModel, *where: Any) -> LoadedModel:
            alive_at_load.append([name for name, model in loaded.items() if model() is not None])
            model = module_of(local.spec.architecture).load(local, *where)
            loaded[local.spec.name] = weakref.ref(model)
            return model

    monkeypatch.setattr(residency, "module_of", lambda _name: Watched)
    if next_is_broken:
        (three[1].path / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"torn")
    engine = Engine(three, device="cpu", budget_bytes=1)
    for name in "aba":
        engine.submit(_task(name)).exception()
    assert alive_at_load == [[], [], []]
    assert engine.submit(_task("a")).result().recipe.model == "a"
    engine.close()


def test_a_model_that_is_gone_while_room_is_made_is_drawn_with_once_more(
    three: list[LocalModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(three, device="cpu")
    make_room = Residency.make_room

    def while_it_is_removed(held: Residency, *given: Any, **options: Any) -> list[str] | None:
        engine.offer(three[1:], [])
        return make_room(held, *given, **options)

    monkeypatch.setattr(Residency, "make_room", while_it_is_removed)
    assert engine.submit(_task("a")).result().recipe.model == "a"
    assert isinstance(engine.submit(_task("a")).exception(), UnknownModel)
    engine.close()


def test_an_add_on_that_is_gone_while_it_is_loaded_is_drawn_with_once_more(
    three: list[LocalModel], ink: LocalAddon, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(three, device="cpu", addons=[ink])
    load_addon = addons.load_addon

    def while_it_is_removed(*given: Any) -> Any:
        engine.offer(three, [])
        return load_addon(*given)

    monkeypatch.setattr(addons, "load_addon", while_it_is_removed)
    recipe = engine.submit(_inked("a")).result().recipe
    assert recipe.weights_hash == f"{three[0].spec.weights_hash}+{ink.spec.weights_hash}"
    assert isinstance(engine.submit(_inked("a")).exception(), UnknownModel)
    engine.close()


def test_an_add_on_leaves_room_for_the_calls_of_its_own_image(
    three: list[LocalModel], ink: LocalAddon
) -> None:
    first, second = three[0], drawn(three[1], Way.PLAIN)
    weights = Residency(three, torch.device("cpu"), None).load(first).bytes
    assert second.plan is not None
    working = second.plan.working(SIDE * SIDE)
    assert working > ink.bytes
    for short, resident in ((1, {"b"}), (0, {"a", "b"})):
        budget = 2 * weights + working + ink.bytes - short
        engine = Engine([first, second], device="cpu", addons=[ink], budget_bytes=budget)
        assert engine.submit(_task("a")).result().image
        assert engine.submit(_inked("b")).result().image
        assert engine.resident == resident
        engine.close()
