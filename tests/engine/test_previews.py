"""Previews: they follow the steps, show what comes, stay small, and fail by themselves alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from core.request import Request
from models.catalogue import LocalModel
from models.engine import preview
from models.engine.api import ImageTask
from models.engine.engine import Engine
from models.engine.model import LoadedModel
from models.engine.preview import LinearDecoder
from tests.engine.stock import make_request, make_starter_request


def test_previews_follow_the_steps(engine: Engine) -> None:
    previews = _previews(engine, make_request(steps=3))
    assert [preview.size for preview in previews] == [(32, 32)] * 3
    assert len({preview.tobytes() for preview in previews}) == 3


def test_previews_of_large_pictures_are_small(starter: LocalModel) -> None:
    """An image's preview takes no longer than that of 512x512 pixels, and shows the same."""
    engine = Engine([starter], device="cpu")
    request = make_starter_request(starter, width=768, height=384, steps=2)
    final = engine.submit(ImageTask(request=request)).result().image
    *_, last = _previews(engine, request)
    assert last is not None and last.size == (512, 256)
    one, other = (np.asarray(picture.resize((64, 32))).ravel() for picture in (last, final))
    assert np.corrcoef(one, other)[0, 1] > 0.8
    engine.close()


def test_an_image_outlives_its_preview(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_model: LoadedModel, _vae: object) -> LinearDecoder:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(preview, "fit_linear_decoder", breaks)
    assert _previews(engine, make_request(steps=3)) == [None] * 3


def test_previews_show_the_picture_to_come(starter: LocalModel) -> None:
    """Half way, the preview looks like the final picture; the linear decoder is no VAE, but close."""
    engine = Engine([starter], device="cpu")
    request = make_starter_request(starter, steps=20)
    final = np.asarray(engine.submit(ImageTask(request=request)).result().image)
    previews = [np.asarray(preview) for preview in _previews(engine, request)]
    alike = [np.corrcoef(preview.ravel(), final.ravel())[0, 1] for preview in previews]
    assert alike[-1] > 0.8
    assert alike[10] > 0.6
    engine.close()


def _previews(engine: Engine, request: Request) -> list[Image.Image | None]:
    """The preview after each call of an image that must get done."""
    made: list[Image.Image | None] = []
    engine.submit(
        ImageTask(request=request, on_progress=lambda _done, _total, show: made.append(show()))
    ).result()
    return made
