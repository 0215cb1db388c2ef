"""Pictures are made to fit, and otherwise left as they are."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from bot.files import fitting_pictures, shrink
from core.jobs import ImageKind
from core.storage import DirectoryStorage, grid_key, image_key, map_key
from db.images import StoredImage
from tests.bot.worker import picture_bytes


@pytest.mark.parametrize("limit", [200_000, 20_000, 3_000])
def test_a_shrunk_picture_fits_and_keeps_its_shape(limit: int) -> None:
    small = shrink(picture_bytes(side=512), limit)
    with Image.open(io.BytesIO(small)) as image:
        assert len(small) <= limit and image.format == "WEBP" and image.width == image.height


def test_shrinking_ends_where_nothing_can_fit() -> None:
    assert len(shrink(picture_bytes(side=256), 1)) > 1


def test_the_grid_comes_first_and_maps_last(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    keys = {
        ImageKind.MAP: map_key("J0B", 0),
        ImageKind.RESULT: image_key("J0B", 0),
        ImageKind.GRID: grid_key("J0B"),
    }
    images = []
    for kind, key in keys.items():
        storage.put(key, picture_bytes(side=64), "image/png")
        about = {
            "sha256": "0" * 64,
            "width": 64,
            "height": 64,
            "bytes": 1,
            "job_id": "J0B",
            "created_at": 0.0,
        }
        images.append(StoredImage(index=0, kind=kind, key=key, **about))
    request = SimpleNamespace(typed_prompt="a fox", axes=())
    job = SimpleNamespace(request=request, images_done=1, image_count=1)
    pictures, shrunk = fitting_pictures(storage, job, images, limit=2**20)  # type: ignore[arg-type]
    assert [picture.name for picture in pictures] == ["J0B-grid.webp", "J0B-1.png", "J0B-map-1.png"]
    assert "given as a map again" in pictures[-1].description
    assert not shrunk
    storage.delete(map_key("J0B", 0))
    pictures, _ = fitting_pictures(storage, job, images, limit=2**20)  # type: ignore[arg-type]
    assert len(pictures) == 2


def test_what_is_too_long_for_webp_is_shrunk_all_the_same() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (16400, 16)).save(buffer, "PNG")
    assert Image.open(io.BytesIO(shrink(buffer.getvalue(), 10_000))).size == (8200, 8)
