"""ControlNets and IP-Adapters on every family, and on UNets that were trained to inpaint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from diffusers import ControlNetModel
from PIL import Image

from core.guides import ControlUnit, Reference
from core.request import Request
from models.engine.api import ImageTask
from models.tiny.addons import build_tiny_controlnet, build_tiny_ip_adapter
from tests.control.pictures import disc
from tests.engine.family import NINE, SEED, SIDE, Family, built, inpainting, ordered, pictures, settings
from tests.engine.stock import MASK, SOURCE, are_equal, has_contrast

#: Names under which requests give maps and references.
_DISC, _RING = "c" * 64, "d" * 64
_PICTURES = {
    _DISC: disc((SIDE, SIDE), colour="white", ground="black"),
    _RING: disc((SIDE, SIDE), colour="yellow", ground="green"),
}
_SIDES = {"width": SIDE, "height": SIDE}

_ONE = (ControlUnit(model="canny", image=_DISC, end=0.75),)
_TWO = (
    ControlUnit(model="canny", image=_DISC, scale=0.7),
    ControlUnit(model="depth", image=_RING, start=0.25),
)
_SHOWN = (Reference(model="plain", images=(_RING,), scale=0.8),)
_SEVERAL = (
    Reference(model="plain", images=(_RING, _DISC), scale=0.6),
    Reference(model="plus", images=(_DISC,), scale=0.8),
)


@pytest.fixture(scope="module", params=["sd1", "sd2", "sdxl", "ssd-1b", "vega"])
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Family]:
    with built(request.param, tmp_path_factory.mktemp(request.param), _guides) as family:
        yield family


def _guides(base: Path) -> None:
    nets, adapters = base.parent / "controlnet", base.parent / "ip-adapter"
    build_tiny_controlnet(nets / "canny", base)
    build_tiny_controlnet(nets / "depth", base, seed=1, name="depth")
    build_tiny_ip_adapter(adapters / "plain", base)
    build_tiny_ip_adapter(adapters / "plus", base, plus=True, seed=1)


def _check(family: Family, order: Request, *, kind: str, **options: Any) -> None:
    """The picture equals the stock pipeline's, and without its guides it would have been another."""
    ours, free = (_drawn(family, wanted) for wanted in (order, _unguided(order)))
    denoise = order.denoise
    nets = [
        ControlNetModel.from_pretrained(family.folder / "controlnet" / unit.model)
        for unit in denoise.controls
    ]
    extra: dict[str, Any] = {"controlnet": nets if len(nets) > 1 else nets[0]} if nets else {}
    worn = {family.folder / "ip-adapter" / one.model: one.scale for one in denoise.references}
    channels = 9 if order.model == NINE else 4
    with family.stock(
        f"{'ControlNet' if nets else ''}{kind}", sampler="DDIM", channels=channels, ip_adapters=worn, **extra
    ) as make:
        stock = make(SEED, **_told(order, kind), **settings(), **options)
    assert has_contrast(ours)
    assert are_equal(ours, stock)
    assert not are_equal(ours, free)


def _drawn(family: Family, order: Request) -> Image.Image:
    inputs = {**pictures(), **_PICTURES}
    return family.engine.submit(ImageTask(request=order, inputs=inputs)).result().image


def _unguided(order: Request) -> Request:
    free = replace(order.denoise, controls=(), references=())
    return replace(order, stages=tuple(free if stage is order.denoise else stage for stage in order.stages))


def _told(order: Request, kind: str) -> dict[str, Any]:
    """What a stock pipeline is told of maps and references."""
    units, shown = order.denoise.controls, order.denoise.references
    told: dict[str, Any] = {}
    if shown:
        told["ip_adapter_image"] = [[_PICTURES[image] for image in one.images] for one in shown]
    if units:
        values = {
            "control_image" if kind else "image": [_PICTURES[unit.image] for unit in units],
            "controlnet_conditioning_scale": [unit.scale for unit in units],
            "control_guidance_start": [unit.start for unit in units],
            "control_guidance_end": [unit.end for unit in units],
        }
        told |= values if len(units) > 1 else {name: value for name, (value,) in values.items()}
    return told


_from_words = pytest.mark.parametrize(
    ("controls", "references"),
    [
        pytest.param(_ONE, (), id="a ControlNet"),
        pytest.param(_TWO, (), id="two ControlNets"),
        pytest.param((), _SHOWN, id="an IP-Adapter"),
        pytest.param((), _SEVERAL, id="two IP-Adapters"),
        pytest.param(_ONE, _SHOWN, id="both"),
    ],
)
_over_pictures = pytest.mark.parametrize(
    ("controls", "references"),
    [
        pytest.param(_TWO, (), id="two ControlNets"),
        pytest.param((), _SHOWN, id="an IP-Adapter"),
        pytest.param(_ONE, _SEVERAL, id="both"),
    ],
)


@_from_words
def test_from_words(family: Family, controls: Any, references: Any) -> None:
    order = ordered(family.name, controls=controls, references=references)
    _check(family, order, kind="", **_SIDES)


@_over_pictures
def test_image_to_image(family: Family, controls: Any, references: Any) -> None:
    order = ordered(family.name, pictured=True, strength=0.8, controls=controls, references=references)
    sides = _SIDES if controls else {}
    _check(family, order, kind="Img2Img", image=pictures()[SOURCE], strength=0.8, **sides)


@_over_pictures
@pytest.mark.parametrize("channels", [4, 9])
def test_inpainting(family: Family, channels: int, controls: Any, references: Any) -> None:
    model = family.name if channels == 4 else NINE
    order = ordered(model, pictured=True, strength=0.8, mask=MASK, controls=controls, references=references)
    _check(family, order, kind="Inpaint", **inpainting(0.8))
