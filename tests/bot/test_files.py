"""Pictures are made to fit, and otherwise left as they are."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.files import shrink
from tests.bot.studio import picture_bytes


@pytest.mark.parametrize("limit", [200_000, 20_000, 3_000])
def test_a_shrunk_picture_fits_and_keeps_its_shape(limit: int) -> None:
    small = shrink(picture_bytes(side=512), limit)
    with Image.open(io.BytesIO(small)) as image:
        assert len(small) <= limit and image.format == "WEBP" and image.width == image.height


def test_shrinking_ends_where_nothing_can_fit() -> None:
    assert len(shrink(picture_bytes(side=256), 1)) > 1
