"""Bad images become one line each; good ones are upright, white-backed RGB."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from depicts_model.errors import ArtefactError, ImageError
from depicts_model.linker.images import Preprocess, decode, to_tensor, views_of

from .conftest import PREPROCESS, photo


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _frames(kind: str) -> bytes:
    first, *rest = (Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue"))
    return _saved(first, kind, save_all=True, append_images=rest)


def _claimed_png(width: int, height: int) -> bytes:
    """A PNG whose header claims a size, with next to no pixels behind it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


BAD = {
    "zero bytes": (b"", "0 bytes"),
    "garbage": (b"\x07nonsense" * 99, "not an image"),
    "text": (b"Error: 404", "not an image"),
    "html": (b"<!DOCTYPE html><p>429", "HTML"),
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "bare svg": (b"\n <SVG width='9'/>", "SVG"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "ogg": (b"OggS\0\2", "Ogg"),
    "wav": (b"RIFF\0\0\0\0WAVEfmt ", "RIFF"),
    "header only": (photo()[:20], "not an image"),
    "png cut short": (photo()[:-900], "damaged or cut short"),
    "jpeg cut short": (photo(kind="JPEG")[:700], "damaged or cut short"),
    "jpeg of noise": (b"\xff\xd8\xff\xe0" + bytes(400), "not an image"),
    "animated gif": (_frames("GIF"), "animated"),
    "animated webp": (_frames("WEBP"), "animated"),
    "animated png": (_frames("PNG"), "animated"),
    "pages": (_frames("TIFF"), "3 pages"),
    "50 megapixels": (_claimed_png(10_000, 5_000), "10000 × 5000"),
    "a bomb": (_claimed_png(60_000, 60_000), "larger than 40 megapixels"),
    "a bomb that only warns": (_claimed_png(10_000, 10_000), "larger than 40 megapixels"),
    "icon": (_saved(Image.new("RGB", (16, 16)), "ICO"), "not an image"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_image_is_one_clear_line(case: str) -> None:
    data, expected = BAD[case]
    with pytest.raises(ImageError) as caught:
        decode(data, 40.0)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_too_large_is_refused_before_the_pixels_are_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(self: Image.Image) -> None:
        raise AssertionError("pixels were decoded")

    data = photo(size=(300, 200))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", never)
    with pytest.raises(ImageError, match="larger"):
        decode(data, 0.05)
    with pytest.raises(ImageError, match="pixels were decoded"):
        decode(data, 1.0)


def test_transparency_falls_on_white() -> None:
    for image in (
        Image.new("RGBA", (4, 4), (255, 0, 0, 0)),
        Image.new("LA", (4, 4), (0, 0)),
    ):
        assert decode(_saved(image, "PNG"), 1).getpixel((1, 1)) == (255, 255, 255)
    palette = Image.new("P", (4, 4), 0)
    assert decode(_saved(palette, "PNG", transparency=0), 1).getpixel((1, 1)) == (255, 255, 255)


def test_exif_turns_the_photo_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = _saved(Image.new("RGB", (30, 10)), "JPEG", exif=exif)
    assert decode(data, 1).size == (10, 30)


def test_damaged_exif_does_not_lose_the_photo() -> None:
    data = _saved(Image.new("RGB", (30, 10)), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert decode(data, 1).size == (30, 10)


def test_a_phones_second_view_is_not_an_animation() -> None:
    view = Image.new("RGB", (16, 16), "red")
    data = _saved(view, "MPO", save_all=True, append_images=[view])
    assert decode(data, 1).mode == "RGB"


def test_sixteen_bits_keep_their_grey() -> None:
    deep = Image.fromarray(np.full((4, 4), 32896, dtype=np.uint16))
    assert decode(_saved(deep, "PNG"), 1).getpixel((0, 0)) == (128, 128, 128)
    real = Image.fromarray(np.array([[0.0, 1.0], [0.5, 0.25]], dtype=np.float32))
    assert decode(_saved(real, "TIFF"), 1).getpixel((1, 0)) == (255, 255, 255)


def test_large_jpegs_are_decoded_small_but_not_too_small() -> None:
    data = photo(size=(800, 640), kind="JPEG")
    assert decode(data, 1, wanted=32).size == (100, 80)
    assert decode(data, 1).size == (800, 640)


def test_tensor_is_normalised_and_channel_first() -> None:
    images = [Image.new("RGB", (9, 5), (255, 0, 128)), Image.new("RGB", (50, 50))]
    tensor = to_tensor(images, PREPROCESS)
    assert tensor.shape == (2, 3, 32, 32) and tensor.dtype == np.float32
    assert np.allclose(tensor[0, :, 4, 4], [2, -2, (128 / 255 - 0.5) / 0.25], atol=1e-6)
    assert to_tensor([], PREPROCESS).shape == (0, 3, 32, 32)


def test_centre_crop_drops_the_sides_and_squash_keeps_them() -> None:
    image = Image.new("RGB", (96, 32))
    image.paste((255, 255, 255), (0, 0, 32, 32))
    plain: dict[str, Any] = {"size": 32, "mean": (0, 0, 0), "std": (1, 1, 1)}
    assert to_tensor([image], Preprocess(crop="center", **plain)).max() == 0
    assert to_tensor([image], Preprocess(crop="squash", **plain)).max() == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"size": 64}',
        '{"size": 1, "mean": [0,0,0], "std": [1,1,1]}',
        '{"size": 64, "mean": [0,0], "std": [1,1,1]}',
        '{"size": 64, "mean": [0,0,0], "std": [1,1,0]}',
        '{"size": 64, "mean": [0,0,0], "std": [1,1,1], "crop": "round"}',
        '{"size": 64, "mean": [0,0,0], "std": [1,1,1], "resample": "magic"}',
        '{"size": 64, "mean": [0,0,0], "std": [1,1,1], "colour": "grey"}',
    ],
)
def test_unfit_preprocessing_is_refused(text: str, tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "preprocessor.json"
    path.write_text(text)
    with pytest.raises(ArtefactError, match=r"preprocessor\.json"):
        Preprocess.read(path)


def test_each_view_looks_where_its_name_says() -> None:
    across, down = np.meshgrid(np.arange(80), np.arange(40))
    image = Image.fromarray(np.stack([across, down, 0 * down], axis=2).astype(np.uint8))
    expected = {  # the first and the last pixel, as places in the whole
        "whole": ((0, 0), (79, 39)),
        "mirror": ((79, 0), (0, 39)),
        "zoom": ((8, 4), (71, 35)),
        "zoom mirror": ((71, 4), (8, 35)),
        "center": ((20, 0), (59, 39)),
        "center mirror": ((59, 0), (20, 39)),
        "upper left": ((0, 0), (59, 29)),
        "upper right": ((20, 0), (79, 29)),
        "lower left": ((0, 10), (59, 39)),
        "lower right": ((20, 10), (79, 39)),
    }
    preprocess = replace(PREPROCESS, views=tuple(expected))
    views = [np.asarray(view)[..., :2].tolist() for view in views_of(image, preprocess)]
    found = {n: (tuple(v[0][0]), tuple(v[-1][-1])) for n, v in zip(expected, views, strict=True)}
    assert found == expected
    dot = Image.fromarray(np.zeros((1, 1, 3), np.uint8))
    assert [view.size for view in views_of(dot, preprocess)] == [(1, 1)] * len(expected)
