"""The price follows the work."""

from __future__ import annotations

from dataclasses import replace

from core.options.upscale import in_tiles
from core.price import asks_first, image_price, total_work
from core.request import Request
from core.stages import Decode, Denoise, EncodeText, LoadImage, Upscale

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


def test_a_model_that_takes_three_times_as_long_costs_three_times_as_much() -> None:
    for changes in ({}, {"steps": 50}, {"width": 1024, "height": 1024}):
        request = priced(**changes)
        assert image_price(request, {"tiny": 3.0}) == 3 * image_price(request)
    assert image_price(priced(steps=50), {"tiny": 0.5}) == 1
    assert image_price(priced(), {"another": 3.0}) == 1


def test_a_refiner_costs_what_the_refiner_takes() -> None:
    request = priced(steps=50)
    refined = replace(request, stages=(*request.stages[:2], replace(DENOISE, model="refiner"), Decode()))
    assert image_price(refined) == 3
    assert image_price(refined, {"refiner": 4.0}) == 6


def test_an_upscaler_is_paid_for_each_pass() -> None:
    """Four times as wide by a net that doubles: once the picture, then four times as many pixels."""

    def price(scale: int, factor: int | None) -> int:
        load = LoadImage(image="a" * 64, width=2048, height=2048)
        upscale = Upscale(upscaler="any", scale=scale, factor=factor)
        return image_price(replace(priced(), stages=(load, upscale)))

    assert price(2, 2) == price(2, 4) == price(4, 4) == price(4, None) == 4
    assert price(4, 2) == 20


def test_tiles_wider_than_the_picture_are_paid_for_as_they_are() -> None:
    plain = replace(DENOISE, width=2048, height=256, strength=1.0)
    narrow = in_tiles(plain, 1.0, 512)
    assert narrow.tiles == 5
    request = priced()
    tiled = replace(request, stages=(request.stages[0], narrow, Decode()))
    assert total_work(tiled) == plain.unet_calls * 5 * 512 * 256


def test_a_large_part_of_the_balance_is_asked_about() -> None:
    assert not asks_first(20, 20, None)
    assert asks_first(21, 100, None) and not asks_first(21, 1000, None)
    assert asks_first(101, 1000, None)
    assert asks_first(6, 1000, 5) and not asks_first(500, 500, 1000)
