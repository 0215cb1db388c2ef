"""Bad pictures are refused in words, odd ones are mended, and nothing but pixels goes on."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw

from core.errors import BadOption
from core.pictures import MAX_BYTES, MAX_SIDE, Picture, encode_input, read_mask, read_picture


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def read(data: bytes) -> Picture:
    return read_picture("image", "photo.png", data)


def sides() -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (64, 32), "blue")
    ImageDraw.Draw(image).rectangle((0, 0, 31, 31), fill="red")
    return image


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_claims(width: int, height: int) -> bytes:
    """A tiny file that says that it has so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (png_that_claims(50_000, 50_000), "more than 50 million pixels"),
        (encoded(sides(), "JPEG")[:300], "damaged or cut off"),
        (encoded(sides())[:60], "damaged or cut off"),
        (png_that_claims(600, 600), "damaged or cut off"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "no picture that can be read"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "no picture that can be read"),
        (encoded(sides(), "GIF"), "no picture that can be read"),
        (b"", "no picture that can be read"),
        (encoded(Image.new("RGB", (4, 400))), "smaller than 8 pixels"),
        (bytes(MAX_BYTES + 1), "larger than 20 MiB"),
    ],
)
def test_what_is_no_usable_picture_is_refused_by_name(data: bytes, told: str) -> None:
    with pytest.raises(BadOption, match=told) as caught:
        read(data)
    assert str(caught.value).startswith("**image** can't be `photo.png`")


def test_of_an_animation_the_first_picture_is_taken() -> None:
    frames = [Image.new("RGB", (32, 32), (number % 256, 0, 0)) for number in range(10_000)]
    for form, many in (("PNG", frames), ("WEBP", frames[:20])):
        data = encoded(many[0], form, save_all=True, append_images=many[1:])
        assert read(data).image.getpixel((5, 5)) == (0, 0, 0)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_turned_photo_stands_upright_and_tells_no_place(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)
    image = read(encoded(sides(), form, exif=exif)).image
    assert image.size == (32, 64)
    red, blue = image.getpixel((16, 8)), image.getpixel((16, 56))
    assert isinstance(red, tuple) and isinstance(blue, tuple) and red[0] > 240 and blue[2] > 240
    stored = encode_input(image)
    with Image.open(io.BytesIO(stored)) as again:
        assert dict(again.getexif()) == {} and again.info == {}


def test_cmyk_16_bit_and_palettes_become_rgb() -> None:
    assert read(encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG")).image.getpixel((8, 8)) == (
        pytest.approx((254, 0, 0), abs=2)
    )
    deep = Image.frombytes("I;16", (16, 16), struct.pack("<H", 0x8080) * 256)
    assert read(encoded(deep)).image.getpixel((8, 8)) == (128, 128, 128)
    assert read(encoded(Image.new("1", (16, 16), 1))).image.getpixel((8, 8)) == (255, 255, 255)


def test_a_cut_out_is_flat_on_white_and_its_hole_is_the_mask() -> None:
    cut_out = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    cut_out.paste((0, 255, 0, 255), (0, 0, 8, 16))
    for data in (encoded(cut_out), encoded(cut_out.quantize(4)), encoded(cut_out, "WEBP", lossless=True)):
        picture = read(data)
        assert (picture.image.getpixel((2, 8)), picture.image.getpixel((12, 8))) == (
            (0, 255, 0),
            (255, 255, 255),
        )
        mask = read_mask(picture)
        assert (mask.getpixel((2, 8)), mask.getpixel((12, 8))) == (0, 255)
    assert read(encoded(sides().convert("RGBA"))).transparent is None


def test_white_strokes_on_nothing_are_a_mask_of_the_strokes() -> None:
    strokes = Image.new("RGBA", (16, 16))
    strokes.paste("white", (0, 0, 8, 16))
    mask = read_mask(read(encoded(strokes)))
    assert (mask.getpixel((2, 8)), mask.getpixel((12, 8))) == (255, 0)


def test_what_is_very_long_is_scaled_down() -> None:
    assert read(encoded(Image.new("RGB", (2 * MAX_SIDE, 64)))).image.size == (MAX_SIDE, 32)


def test_equal_pixels_are_equal_files() -> None:
    noisy = Image.effect_noise((32, 32), 50).convert("RGB")
    labelled = noisy.copy()
    labelled.info["comment"] = "hello"
    assert encode_input(noisy) == encode_input(labelled)
    with Image.open(io.BytesIO(encode_input(noisy))) as again:
        assert again.tobytes() == noisy.tobytes()
