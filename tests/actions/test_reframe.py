"""Zoom and pan go on with pictures that were drawn from words, by a model that draws."""

from __future__ import annotations

from functools import partial

import pytest
from PIL import Image

from actions.reframe import pan, zoom_out
from actions.studio import Studio
from actions.upscale import upscale
from core.errors import Refusal
from core.inputs import keep_input
from core.options.upscale import UpscaleOptions, Way
from db.workers import WorkerInfo, register_worker
from tests.actions.hands import store
from tests.actions.people import ANA, asked
from tests.model_specs import model_spec


@pytest.mark.parametrize("further", [partial(zoom_out, factor=1.5), partial(pan, across=1, down=0)])
def test_a_latent_upscaler_goes_on_with_nothing(studio: Studio, further: partial[object]) -> None:
    twice = model_spec("x2", architecture="latent-upscaler", side_multiple=64)
    with studio.database.begin() as session:
        register_worker(session, WorkerInfo(id="w", host="h", device="cpu"), [model_spec(), twice])
    given = keep_input(studio.storage, Image.new("RGB", (64, 64), "blue"))
    large = upscale(studio, ANA, asked(), given, UpscaleOptions(way=Way.LATENT, prompt="a fox"))
    store(studio, large)
    with pytest.raises(Refusal, match="/outpaint"):
        further(studio, ANA, asked(), large.id, 0)
