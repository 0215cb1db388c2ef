"""Every kind of model, found in a folder and chosen by its name."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from core.settings import STARTER_MODEL_DIR
from launch.trial import Trial
from models.starter.checker import TAUGHT, see
from tests.e2e.families import FAMILIES
from tests.e2e.hands import distance, form, make, panel_of, pictures, result, values
from tests.e2e.kin import KIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

#: The base model has never seen that style.
QUARTERED = "a quartered red circle on a white background"
BASES = [family for family in FAMILIES if family != "sdxl-refiner"]


def styles(image: Image.Image) -> list[str]:
    return [sight.thing.style for sight in see(image, TAUGHT).sights]


@pytest.mark.parametrize("family", BASES)
async def test_a_model_of_each_family_draws(trial: Trial, family: str) -> None:
    _, image = await make(trial, "imagine", prompt="a red fox", model=f"tiny-{family}", size="64x64", seed=5)
    _, other = await make(trial, "imagine", prompt="a red fox", model=f"tiny-{family}", size="64x64", seed=6)
    assert image.size == (64, 64) and values(image).std() > 10 and distance(image, other) > 1


async def test_a_refiner_takes_over_from_its_base(trial: Trial) -> None:
    given = {"prompt": "a red fox", "model": "tiny-sdxl", "size": "64x64", "seed": 5}
    _, alone = await make(trial, "imagine", **given)
    panel = await panel_of(trial, **given)
    refiner = {
        "Refiner (a model's name; empty: none)": "tiny-sdxl-refiner",
        "Refiner from (a share of the steps, 0 to 1)": "0.5",
    }
    await form(trial, panel, "Finer…", refiner)
    message = await result(trial, await trial.members.press("ana", panel.id, "Make it"))
    assert distance((await pictures(trial, message))[0], alone) > 0


async def test_a_vae_is_a_kind_of_its_own(trial: Trial) -> None:
    given = {"prompt": "a red circle on a white background", "seed": 3}
    _, usual = await make(trial, "imagine", **given)
    panel = await panel_of(trial, **given)
    await form(trial, panel, "Finer…", {"VAE (a name; empty: the model's own)": "swapped"})
    message = await result(trial, await trial.members.press("ana", panel.id, "Make it"))
    (image,) = await pictures(trial, message)
    # It gives out blue for red: the same circle in the other colour.
    assert distance(image, usual) > 1
    assert np.abs(values(image)[..., ::-1] - values(usual)).max() <= 1


async def test_a_single_file_draws_what_its_folder_does(trial: Trial) -> None:
    given = {"prompt": "a red fox", "size": "64x64"}
    _, folder = await make(trial, "imagine", model="tiny-sd1", seed=5, **given)
    _, file = await make(trial, "imagine", model="tiny-sd1-file", seed=5, **given)
    _, other = await make(trial, "imagine", model="tiny-sd1-file", seed=6, **given)
    assert distance(file, folder) < 0.1 and distance(file, other) > 1


@pytest.mark.parametrize("kind", KIN)
async def test_lycoris_and_dora_bring_the_style_of_the_lora_that_they_equal(trial: Trial, kind: str) -> None:
    _, plain = await make(trial, "imagine", prompt=QUARTERED, seed=3)
    _, lora = await make(trial, "imagine", prompt=f"{QUARTERED} <lora:quartered:1>", seed=3)
    _, image = await make(trial, "imagine", prompt=f"{QUARTERED} <lora:quartered-{kind}:1>", seed=3)
    assert styles(image) == ["quartered"] != styles(plain)
    assert distance(image, lora) < 0.1 < distance(image, plain)


async def test_several_loras_at_once_add_up(trial: Trial) -> None:
    tags = (
        "<lora:quartered:0.5>",
        "<lora:quartered-lokr:0.5>",
        "<lora:quartered:0.5> <lora:quartered-lokr:0.5>",
    )
    half, other, both = [
        (await make(trial, "imagine", prompt=f"{QUARTERED} {tag}", seed=3))[1] for tag in tags
    ]
    _, whole = await make(trial, "imagine", prompt=f"{QUARTERED} <lora:quartered:1>", seed=3)
    assert styles(both) == ["quartered"]
    assert distance(both, whole) < 0.1 < distance(half, both) and distance(half, other) < 0.1


async def test_a_file_that_is_dropped_in_is_found_and_used(trial: Trial) -> None:
    folder = trial.settings.data_dir / "models" / "lora"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(STARTER_MODEL_DIR / "lora" / "quartered.safetensors", folder / "dropped.safetensors")
    prompt = f"{QUARTERED} <lora:dropped:1>"

    async def found() -> bool:
        await trial.members.answered(await trial.members.slash("ana", "studio", "loras"))
        seen = await trial.members.messages("studio", "ana")
        return any("dropped" in message.text for message in seen[-2:])

    assert await trial.members.wait_until(found, timeout_s=60)
    _, image = await make(trial, "imagine", prompt=prompt, seed=3)
    assert styles(image) == ["quartered"]
