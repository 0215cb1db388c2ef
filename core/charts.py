"""A small chart for a phone: bars with their numbers, and no words, which stand beside it in any script."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

#: Pixels.
WIDTH = 480
_BAR, _GAP, _MARGIN = 22, 8, 12
_NUMBER_WIDTH, _VALUE_WIDTH = 28, 80

_BACKGROUND, _BARS, _WRITING = (43, 45, 49), (88, 101, 242), (242, 243, 245)


def bar_chart(values: Sequence[int]) -> bytes:
    """A PNG of one bar for each value (at least one, none below 0), numbered from 1, its value behind it."""
    step = _BAR + _GAP
    image = Image.new("RGB", (WIDTH, 2 * _MARGIN + step * len(values) - _GAP), _BACKGROUND)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(16)
    left = _MARGIN + _NUMBER_WIDTH
    room = WIDTH - left - _VALUE_WIDTH - _MARGIN
    longest = max(1, *values)
    for place, value in enumerate(values):
        top = _MARGIN + step * place
        length = max(2, round(room * value / longest))
        middle = top + _BAR / 2
        draw.text((_MARGIN, middle), str(place + 1), font=font, fill=_WRITING, anchor="lm")
        draw.rounded_rectangle((left, top, left + length, top + _BAR), radius=4, fill=_BARS)
        draw.text((left + length + 8, middle), f"{value:,}", font=font, fill=_WRITING, anchor="lm")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
