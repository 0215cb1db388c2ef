"""VAEs of their own kind: folders and single files in every spelling, equal to the stock pipeline's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.addon_spec import AddonKind
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.api import DoesNotFit, ImageTask, UnknownModel
from models.engine.engine import Engine
from tests.adapters.orders import draw
from tests.engine.stock import SOURCE, Stock, are_equal, given, make_picture_request, make_request
from tests.engine.tiny_families import vivid
from tests.files import families, original


@pytest.fixture(scope="module")
def vae_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory with one VAE in four spellings, and one whose latents are scaled otherwise."""
    from models.tiny import build_tiny_model

    directory = tmp_path_factory.mktemp("models")
    build_tiny_model(directory / "tiny")
    torch.manual_seed(5)
    vae = vivid(families.vae("sd1"))
    vae.save_pretrained(directory / "vae" / "folder", safe_serialization=True)
    save_file(vae.state_dict(), directory / "vae" / "diffusers.safetensors")
    state = {name: tensor.contiguous() for name, tensor in original.vae_state(vae).items()}
    save_file(state, directory / "vae" / "original.safetensors")
    plain = {name.removeprefix("first_stage_model."): tensor for name, tensor in state.items()}
    save_file(plain, directory / "vae" / "plain.safetensors")
    families.vae("sdxl").save_pretrained(directory / "vae" / "other", safe_serialization=True)
    return directory


@pytest.fixture
def engine(vae_dir: Path) -> Iterator[Engine]:
    engine = Engine(find_models([vae_dir]), device="cpu", addons=find_addons([vae_dir]))
    yield engine
    engine.close()


def test_equal_to_stock_in_every_spelling(engine: Engine, vae_dir: Path) -> None:
    from diffusers.models import AutoencoderKL

    stock = Stock(vae_dir / "tiny")
    request = make_request()
    own = stock.make(request)
    vae = AutoencoderKL.from_pretrained(vae_dir / "vae" / "folder", local_files_only=True)
    for pipeline in stock._pipelines.values():
        pipeline.vae = vae
    swapped = stock.make(request)
    names = ("folder", "diffusers", "original", "plain")
    images = draw(engine, request, *[replace(request, vae=name) for name in names])
    assert are_equal(images[0].image, own) and not are_equal(own, swapped)
    assert all(are_equal(image.image, swapped) for image in images[1:])
    hashes = {addon.spec.name: addon.spec.weights_hash for addon in find_addons([vae_dir])}
    for name, image in zip(names, images[1:], strict=True):
        assert image.recipe.weights_hash.endswith(hashes[name])


def test_a_source_is_encoded_with_it_and_previews_follow(engine: Engine) -> None:
    previews = []
    request = replace(make_picture_request(strength=0.01, steps=100), vae="folder")
    task = ImageTask(
        request=request, inputs=given(), on_progress=lambda _done, _total, show: previews.append(show())
    )
    assert engine.submit(task).result().image.size == given()[SOURCE].size
    assert previews and None not in previews


@pytest.mark.parametrize(("name", "error"), [("other", DoesNotFit), ("../vae/folder", UnknownModel)])
def test_what_does_not_fit_is_refused_before_anything_is_drawn(
    engine: Engine, name: str, error: type[Exception]
) -> None:
    calls: list[int] = []
    task = ImageTask(
        request=replace(make_request(), vae=name), on_progress=lambda done, _total, _show: calls.append(done)
    )
    with pytest.raises(error):
        engine.submit(task).result()
    assert not calls


def test_a_model_may_have_a_vae_by_default(vae_dir: Path) -> None:
    (spec,) = (model.spec for model in find_models([vae_dir]))
    models = [replace(model, spec=replace(spec, vae="folder")) for model in find_models([vae_dir])]
    addons = [addon for addon in find_addons([vae_dir]) if addon.spec.kind is AddonKind.VAE]
    engine = Engine(models, device="cpu", addons=addons)
    try:
        default, asked = draw(engine, make_request(), replace(make_request(), vae="plain"))
        assert are_equal(default.image, asked.image)
    finally:
        engine.close()


def test_the_default_is_read_from_beside_the_model(tmp_path: Path) -> None:
    from models.tiny import build_tiny_model

    about = build_tiny_model(tmp_path / "tiny") / "atelier.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "vae": "plain"}))
    assert find_models([tmp_path])[0].spec.vae == "plain"
