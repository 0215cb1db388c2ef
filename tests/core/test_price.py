"""The price follows the work."""

from __future__ import annotations

from dataclasses import replace

from core.price import image_price
from core.request import Request
from core.stages import Decode, Denoise, EncodeText

DENOISE = Denoise(sampler="Euler", schedule="normal", steps=25, guidance_scale=7.0, width=512, height=512)


def priced(**changes: object) -> Request:
    stages = (EncodeText(prompt="a fox"), replace(DENOISE, **changes), Decode())  # type: ignore[arg-type]
    return Request(model="tiny", seed=0, stages=stages)


def test_a_standard_image_is_one_credit_and_more_work_costs_more() -> None:
    assert image_price(priced()) == 1
    assert image_price(priced(steps=50)) == 2
    assert image_price(priced(width=1024, height=1024)) == 4


def test_an_image_costs_at_least_one_credit() -> None:
    assert image_price(priced(steps=1, width=64, height=64)) == 1


def test_without_guidance_the_work_is_half() -> None:
    assert image_price(priced(steps=100, guidance_scale=1.0)) == 2
    assert image_price(priced(steps=100)) == 4


def test_a_sampler_that_calls_the_unet_more_often_costs_more() -> None:
    assert image_price(priced(sampler="PNDM")) == 2, "25 steps are 26 calls"
