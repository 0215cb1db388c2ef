"""An engine that is told of other models and add-ons while it runs."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.recipe import drift
from core.request import Request
from core.stages import ResizeLatents
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.api import FinishedImage, ImageTask, UnknownModel
from models.engine.engine import Engine
from tests.adapters.orders import adapted, draw
from tests.engine.stock import make_request


def test_new_replaced_and_removed(model_dir: Path, tmp_path: Path) -> None:
    lora, tiny = model_dir / "lora", tmp_path / "tiny"
    shutil.copytree(model_dir / "tiny", tiny)
    engine = Engine(find_models([tmp_path]), device="cpu")

    def look_again() -> None:
        engine.offer(find_models([tmp_path]), find_addons([tmp_path]))

    try:
        (plain,) = draw(engine, make_request())
        with pytest.raises(UnknownModel):
            draw(engine, adapted({"ink": 1.0}))
        mine = tmp_path / "lora" / "ink.safetensors"
        mine.parent.mkdir()
        shutil.copy(lora / "ink.safetensors", mine)
        look_again()
        (first,) = draw(engine, adapted({"ink": 1.0}))
        shutil.copy(lora / "same.safetensors", mine)
        look_again()
        (other,) = draw(engine, adapted({"ink": 1.0}))
        assert len({image.image.tobytes() for image in (plain, first, other)}) == 3
        told = str(drift(first.recipe, other.recipe))
        assert told.startswith("Not an exact rerun") and "a LoRA" in told and "model" not in told
        mine.unlink()
        look_again()
        with pytest.raises(UnknownModel):
            draw(engine, adapted({"ink": 1.0}))
        assert draw(engine, make_request())[0].png() == plain.png()
    finally:
        engine.close()


@pytest.mark.parametrize("change_", ["replaced", "removed", "another kind of that name"])
def test_images_under_way_end_as_they_began(model_dir: Path, tmp_path: Path, change_: str) -> None:
    """A LoRA's file is another, or gone, after the first step of an image that needs it in two passes."""
    shutil.copytree(model_dir / "tiny", tmp_path / "tiny")
    mine = tmp_path / ("lora" if change_ in ("replaced", "removed") else "lycoris") / "ink.safetensors"
    mine.parent.mkdir()
    shutil.copy(model_dir / "lora" / "ink.safetensors", mine)
    engine = Engine(find_models([tmp_path]), device="cpu", addons=find_addons([tmp_path]))
    request, later = _in_two_passes(), []

    def change(done: int, _total: int, _preview: object) -> None:
        if done == 1:
            mine.unlink()
            if change_ != "removed":
                other = tmp_path / "lora" / mine.name
                other.parent.mkdir(exist_ok=True)
                shutil.copy(model_dir / "lora" / "same.safetensors", other)
            engine.offer(find_models([tmp_path]), find_addons([tmp_path]))
            later.append(engine.submit(ImageTask(request=request)))

    def made(**options: object) -> FinishedImage:
        return engine.submit(ImageTask(request=request, **options)).result()  # type: ignore[arg-type]

    try:
        before, meanwhile = made(), made(on_progress=change)
        assert meanwhile.png() == before.png()
        (after,) = later
        if change_ != "removed":
            assert after.result().recipe.weights_hash != before.recipe.weights_hash
        else:
            assert isinstance(after.exception(), UnknownModel)
    finally:
        engine.close()


def _in_two_passes() -> Request:
    request = adapted({"ink": 1.0})
    text, denoise, decode = request.stages
    larger = {"width": 64, "height": 64}
    again = replace(request.denoise, strength=0.6, **larger)
    return replace(request, stages=(text, denoise, ResizeLatents(**larger), again, decode))


def test_files_as_other_web_uis_keep_them(model_dir: Path, tmp_path: Path) -> None:
    """Names in any script, and Automatic1111's notes beside them."""
    folder = tmp_path / "lora"
    folder.mkdir()
    for name, source in (("水彩", "ink"), ("油彩", "same")):
        shutil.copy(model_dir / "lora" / f"{source}.safetensors", folder / f"{name}.safetensors")
    notes = {
        "description": "",
        "sd version": "SD1",
        "activation text": "ink wash, paper",
        "preferred weight": 0.7,
    }
    (folder / "水彩.json").write_text(json.dumps(notes))
    found = {
        spec.title: spec for spec in (one.spec for one in find_addons([tmp_path])) if spec.kind == "lora"
    }
    assert found["水彩"].trigger_words == ("ink wash", "paper")
    assert found["油彩"].trigger_words == ()
    assert all(spec.name == spec.weights_hash[:8] for spec in found.values()) and len(found) == 2


def test_a_replaced_model_is_loaded_anew(tmp_path: Path) -> None:
    from models.tiny import build_tiny_model

    folder = build_tiny_model(tmp_path / "tiny")
    engine = Engine(find_models([tmp_path]), device="cpu")
    try:
        (before,) = draw(engine, make_request())
        shutil.rmtree(folder)
        build_tiny_model(folder, seed=1)
        engine.offer(find_models([tmp_path]), [])
        (after,) = draw(engine, make_request())
        assert before.image.tobytes() != after.image.tobytes()
        assert before.recipe.weights_hash != after.recipe.weights_hash
    finally:
        engine.close()
