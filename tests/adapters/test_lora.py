"""LoRAs in the engine: as the stock pipeline has them, and without a trace where they are not asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.addons import LocalAddon
from models.catalogue import LocalModel
from models.engine.api import DoesNotFit, ImageTask, UnknownModel
from models.engine.engine import Engine
from tests.adapters.orders import adapted, draw
from tests.engine.stock import Stock, are_equal, make_request

# peft and diffusers find it remarkable that a network has several adapters.
pytestmark = pytest.mark.filterwarnings("ignore:Already found a `peft_config`")


@pytest.fixture
def stock(model_dir: Path) -> Iterator[Stock]:
    """The stock pipeline with the LoRAs loaded through peft."""
    stock = Stock(model_dir / "tiny")
    for name in ("ink", "dots", "locon"):
        stock.text.load_lora_weights(str(model_dir / "lora" / f"{name}.safetensors"), adapter_name=name)
    yield stock
    stock.text.unload_lora_weights()


@pytest.mark.parametrize(
    "adapters",
    [{"ink": 1.0}, {"ink": -0.6}, {"dots": 0.7}, {"locon": 1.0}, {"dots": 0.5, "ink": 0.8, "locon": 0.3}],
    ids=str,
)
def test_equal_to_stock(engine: Engine, stock: Stock, adapters: dict[str, float]) -> None:
    request = adapted(adapters)
    stock.text.set_adapters(list(adapters), list(adapters.values()))
    ours = draw(engine, request)[0].image
    assert np.asarray(ours).std() >= 20
    assert are_equal(ours, stock.make(request))
    stock.text.set_adapters(list(adapters), [weight / 2 for weight in adapters.values()])
    assert not are_equal(ours, stock.make(request))


def test_spellings_mean_the_same(engine: Engine) -> None:
    """diffusers' loader takes no text encoder's weights in its own spelling from transformers 5.6 on."""
    kohya, diffusers = draw(engine, adapted({"same": 1.0}), adapted({"same-dotted": 1.0}))
    assert kohya.image.tobytes() == diffusers.image.tobytes()


def test_weight_0_is_the_base(engine: Engine) -> None:
    plain, without, with_ink = draw(engine, make_request(), adapted({"ink": 0.0}), adapted({"ink": 1.0}))
    assert without.image.tobytes() == plain.image.tobytes()
    assert without.recipe.weights_hash == plain.recipe.weights_hash
    assert with_ink.image.tobytes() != plain.image.tobytes()


def test_rows_beside_adapters_are_as_in_a_process_that_never_had_any(
    engine: Engine, models: list[LocalModel]
) -> None:
    mixed = [
        make_request(seed=1, steps=8),
        adapted({"ink": 1.0}, seed=2, steps=8),
        adapted({"dots": 0.5, "loha": 0.8}, seed=3, steps=8),
        make_request(seed=4, steps=8, guidance_scale=1.0),
    ]
    among = draw(engine, *mixed)
    assert all(image.recipe.fingerprint.exact for image in among)
    fresh = Engine(models, device="cpu")
    try:
        for place in (0, 3):
            task = ImageTask(request=mixed[place], replay=among[place].recipe)
            assert fresh.submit(task).result().png() == among[place].png()
    finally:
        fresh.close()


def test_a_rerun_gives_the_same_bytes_in_a_restarted_process(
    engine: Engine, model_dir: Path, tmp_path: Path
) -> None:
    images = draw(engine, *[adapted({"ink": 0.8, "lokr": 0.5}, seed=seed) for seed in range(3)])
    for number, image in enumerate(images):
        (tmp_path / f"{number}.png").write_bytes(image.png())
    command = [sys.executable, "-m", "tests.adapters.rerun", str(model_dir), str(tmp_path)]
    subprocess.run(command, check=True, timeout=300)
    for number, image in enumerate(images):
        assert (tmp_path / f"{number}.again.png").read_bytes() == image.png()


def test_the_recipe_knows_the_adapters_content(engine: Engine, addons: list[LocalAddon]) -> None:
    hashes = {addon.spec.name: addon.spec.weights_hash for addon in addons}
    (image,) = draw(engine, adapted({"ink": 1.0, "loha": 0.5}))
    assert image.recipe.weights_hash.split("+")[1:] == [hashes["ink"], hashes["loha"]]


def test_one_for_another_kind_of_model_is_refused(engine: Engine) -> None:
    other, fine = (engine.submit(ImageTask(request=adapted({name: 1.0}))) for name in ("wider", "ink"))
    with pytest.raises(DoesNotFit, match="The LoRA wider was made for another kind of base model"):
        other.result()
    assert fine.result()


@pytest.mark.parametrize("name", ["no-such", "../lora/ink", "/etc/passwd", "ink.safetensors"])
def test_names_are_looked_up_and_never_opened(engine: Engine, name: str) -> None:
    with pytest.raises(UnknownModel, match="There is no LoRA"):
        draw(engine, adapted({name: 1.0}))


def test_idle_ones_leave_for_others(models: list[LocalModel], addons: list[LocalAddon]) -> None:
    """With no room to spare each leaves for the next, and draws the same when it is back."""
    engine = Engine(models, device="cpu", addons=addons, budget_bytes=1)
    try:
        first = [draw(engine, adapted({name: 1.0}))[0] for name in ("ink", "dots", "ink")]
        assert first[0].png() == first[2].png() != first[1].png()
        (ink,) = (addon.bytes for addon in addons if addon.spec.name == "ink")
        assert engine._loop._addons.bytes < 2 * ink
        assert draw(engine, make_request())[0].recipe.weights_hash in first[0].recipe.weights_hash
    finally:
        engine.close()
