"""Each family of models in each way to make a picture, few steps included: equal to the stock pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from core.request import Request
from core.samplers import SAMPLERS
from core.stages import EncodeImage
from models.catalogue import find_models
from models.engine.api import ImageTask
from models.engine.engine import Engine
from tests.engine import test_families as tiny
from tests.engine.stock import MASK, SOURCE, are_equal, given
from tests.files import families

_SEED = 5


@dataclass(frozen=True, kw_only=True)
class Family:
    """A tiny model and one with nine channels in the engine, and their parts as diffusers holds them."""

    name: str
    engine: Engine
    parts: dict[str, Any]
    parts_9: dict[str, Any]

    def stock(self, kind: str, *, channels: int = 4, sampler: str, **options: Any) -> Any:
        """A pipeline's picture: "", "Img2Img" or "Inpaint"."""
        import diffusers

        large = "XL" if "text_encoder_2" in self.parts else ""
        if large:
            options |= {"original_size": (tiny.SIDE, tiny.SIDE), "target_size": (tiny.SIDE, tiny.SIDE)}
        parts = self.parts if channels == 4 else self.parts_9
        made: Any = getattr(diffusers, f"StableDiffusion{large}{kind}Pipeline")
        wanted = set(made.__init__.__annotations__) | {"vae", "unet"}
        pipe = made(
            **{name: part for name, part in parts.items() if name in wanted},
            **({} if large else {"requires_safety_checker": False}),
        )
        row = SAMPLERS[sampler]
        pipe.scheduler = getattr(diffusers, row.scheduler).from_config(pipe.scheduler.config, **row.config)
        pipe.set_progress_bar_config(disable=True)
        return lambda seed: pipe(
            "a red fox in the snow",
            negative_prompt="blue",
            generator=torch.Generator().manual_seed(seed),
            **options,
        ).images[0]


@pytest.fixture(scope="module", params=["sd1", "sd2", "sdxl", "ssd-1b", "vega"])
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Family]:
    name: str = request.param
    folder: Path = tmp_path_factory.mktemp(name)
    made = tiny.pipeline(name, words=514)
    made.save_pretrained(folder / name, safe_serialization=True)
    # As read from the folder: a config in memory remembers which of its values nobody chose.
    parts = dict(type(made).from_pretrained(folder / name, local_files_only=True).components)
    torch.manual_seed(4)
    parts_9 = {**parts, "unet": families.unet(name, 9)}
    type(made)(**parts_9, **_screenless(name)).save_pretrained(folder / "nine", safe_serialization=True)
    engine = Engine(find_models([folder]), device="cpu")
    yield Family(name=name, engine=engine, parts=parts, parts_9=parts_9)
    engine.close()


def _screenless(name: str) -> dict[str, Any]:
    return {"requires_safety_checker": False} if name in ("sd1", "sd2") else {"add_watermarker": False}


def _ordered(model: str, *, pictured: bool, sampler: str, **denoise: Any) -> Request:
    plain = tiny.request(model, seed=_SEED, **denoise)
    text, stage, decode = plain.stages
    source = (EncodeImage(image=SOURCE, width=tiny.SIDE, height=tiny.SIDE),) if pictured else ()
    return replace(plain, stages=(text, *source, replace(stage, sampler=sampler), decode))


def _check(family: Family, order: Request, make: Any) -> None:
    task = ImageTask(request=order, inputs=given(tiny.SIDE, tiny.SIDE))
    ours = family.engine.submit(task).result().image
    stock: Image.Image = make(_SEED)
    assert are_equal(ours, stock)
    assert not are_equal(ours, make(_SEED + 1))


def _settings(steps: int, guidance: float) -> dict[str, Any]:
    return {"num_inference_steps": steps, "guidance_scale": guidance}


def test_image_to_image(family: Family) -> None:
    order = _ordered(family.name, pictured=True, sampler="DDIM", strength=0.6)
    picture = given(tiny.SIDE, tiny.SIDE)[SOURCE]
    make = family.stock("Img2Img", sampler="DDIM", image=picture, strength=0.6, **_settings(4, 5.0))
    _check(family, order, make)


@pytest.mark.parametrize("channels", [4, 9])
def test_inpainting(family: Family, channels: int) -> None:
    model = family.name if channels == 4 else "nine"
    order = _ordered(model, pictured=True, sampler="DDIM", strength=0.8, mask=MASK)
    pictures = given(tiny.SIDE, tiny.SIDE)
    make = family.stock(
        "Inpaint",
        channels=channels,
        sampler="DDIM",
        image=pictures[SOURCE],
        mask_image=pictures[MASK],
        width=tiny.SIDE,
        height=tiny.SIDE,
        strength=0.8,
        **_settings(4, 5.0),
    )
    _check(family, order, make)


@pytest.mark.parametrize(
    ("sampler", "steps"), [("LCM", 4), ("Euler a", 1), ("Euler a", 2)], ids=["LCM", "Turbo 1", "Turbo 2"]
)
def test_few_steps_without_guidance(family: Family, sampler: str, steps: int) -> None:
    order = _ordered(family.name, pictured=False, sampler=sampler, steps=steps, guidance_scale=1.0)
    make = family.stock("", sampler=sampler, width=tiny.SIDE, height=tiny.SIDE, **_settings(steps, 1.0))
    _check(family, order, make)
