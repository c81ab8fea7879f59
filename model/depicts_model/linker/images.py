"""Bytes to pixels to arrays, with Pillow alone; whatever is wrong becomes one ImageError line.

Nothing is decoded before the header's size is known to be acceptable.
"""

from __future__ import annotations

import io
import json
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from depicts_model.errors import ArtefactError, ImageError

FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "TIFF")
"""The photographic formats that Commons takes; Pillow's rarer parsers are never reached."""
MOVING: Final = ("GIF", "PNG", "WEBP")
# Kinds that are told apart by their first bytes, so that the message can say what came instead.
_FOREIGN: Final = (
    (b"%PDF", "a PDF document"),
    (b"OggS", "an Ogg audio or video file"),
    (b"ID3", "an MP3 audio file"),
    (b"fLaC", "a FLAC audio file"),
    (b"RIFF", "a RIFF audio or video file"),
    (b"\x1aE\xdf\xa3", "a WebM video"),
    (b"<!DOCTYPE html", "an HTML page"),
    (b"<html", "an HTML page"),
)
SPOILT: Final = 24 * 3600.0
"""Seconds until a file whose image came spoilt is looked at again: the way here, or the cache that
it came from, may have spoilt it."""
BANNER: Final = 8
"""An image is a banner beyond this ratio of its edges."""
_FILTERS: Final = Lock()
_RESAMPLE: Final = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@dataclass(frozen=True, slots=True)
class Preprocess:
    """How an image becomes the encoder's input; the same in training and in service."""

    size: int
    """Side of the square input, pixels."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    crop: Literal["squash", "center"] = "squash"
    """``squash``: resize to the square; ``center``: resize the shorter side, cut the middle."""
    resample: str = "bicubic"
    views: tuple[str, ...] = ("whole",)
    """What is looked at and averaged: the ``whole``, its ``mirror`` image, a ``zoom`` on the
    middle (80 % of each side), the ``center`` square."""

    def __post_init__(self) -> None:
        if not 8 <= self.size <= 2048:
            raise ValueError(f"size must be 8 to 2048 pixels, not {self.size}")
        if self.crop not in ("squash", "center"):
            raise ValueError(f"crop must be squash or center, not {self.crop!r}")
        if self.resample not in _RESAMPLE:
            raise ValueError(f"resample must be one of {', '.join(_RESAMPLE)}")
        if not self.views or set(self.views) - set(_VIEWS):
            raise ValueError(f"views must be some of {', '.join(_VIEWS)}")
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise ValueError("mean and std must be three numbers each, std above zero")

    def to_json(self) -> str:
        """The text of ``preprocessor.json``."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def read(cls, path: Path) -> Preprocess:
        """Read ``preprocessor.json``; ArtefactError names the file and the fault."""
        try:
            values: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            triples = {key: tuple(float(v) for v in values[key]) for key in ("mean", "std")}
            views = tuple(values.get("views", ("whole",)))
            return cls(**{**values, **triples, "views": views})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ArtefactError(f"{path}: unfit preprocessing: {error}") from None


def decode(data: bytes, max_megapixels: float, wanted: int | None = None) -> Image.Image:
    """The image in ``data`` as RGB: upright by EXIF, alpha on white, 16 bits scaled to 8.

    ``wanted``: side in pixels that will be used; a larger JPEG is then decoded at half, a
    quarter or an eighth of its size, never below twice ``wanted``.
    Raises ImageError: empty, foreign, damaged, cut short, too large, animated or many-paged.
    """
    _refuse_foreign(data)
    try:
        with _silence():
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ImageError(f"image is larger than {max_megapixels:g} megapixels") from None
    except Exception:  # hostile bytes make Pillow's parsers raise nearly anything
        raise ImageError("not an image that can be read (damaged or foreign)", SPOILT) from None
    _refuse_size(image, max_megapixels)
    try:
        _refuse_frames(image)
        return _pixels(image, wanted)
    except ImageError:
        raise
    except Exception as error:  # as above: the header was sound, the pixels are not
        raise ImageError(f"image is damaged or cut short: {_line(error)}", SPOILT) from None


@contextmanager
def _silence() -> Iterator[None]:
    """No warnings from Pillow about odd headers: they are either decided here or harmless.

    Warning filters belong to the whole process, hence the lock between decoding threads.
    """
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _refuse_foreign(data: bytes) -> None:
    if not data:
        raise ImageError("image is empty (0 bytes)", SPOILT)
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"<svg" in head.lower() or head.startswith(b"<?xml"):
        raise ImageError("not a photograph: an SVG or XML file")
    for start, name in _FOREIGN:
        webp = start == b"RIFF" and head[8:12] == b"WEBP"
        if head.startswith(start) and not webp:
            raise ImageError(f"not an image: {name}", SPOILT)


def _refuse_size(image: Image.Image, max_megapixels: float) -> None:
    width, height = image.size
    if width * height > max_megapixels * 1e6:
        size = f"{width} × {height}"
        raise ImageError(f"image of {size} pixels is larger than {max_megapixels:g} megapixels")


def _refuse_frames(image: Image.Image) -> None:
    """Refuse what moves or has pages; a phone's MPO (a JPEG with a second view) is neither."""
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format in MOVING:
        raise ImageError(f"image is animated ({frames} frames)")
    if frames > 1 and image.format == "TIFF":
        raise ImageError(f"image has {frames} pages")


def _pixels(image: Image.Image, wanted: int | None) -> Image.Image:
    if wanted and image.format in ("JPEG", "MPO"):
        image.draft("RGB", (2 * wanted, 2 * wanted))
    image.load()
    return _rgb(_upright(image))


def _upright(image: Image.Image) -> Image.Image:
    """Turn by the EXIF orientation; a damaged EXIF block is no reason to lose the photo."""
    try:
        with _silence():
            return ImageOps.exif_transpose(image)
    except Exception:  # the EXIF parser raises nearly anything on damaged blocks
        return image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled(image).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return _on_white(image.convert("RGBA"))
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image).convert("RGB")


def _scaled(image: Image.Image) -> Image.Image:
    """A deep grey image as 8 bits: 16-bit by its range, others by their own extremes."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    low, high = (0.0, 65535.0) if image.mode.startswith("I;16") else (values.min(), values.max())
    grey = (values - low) / max(high - low, 1e-12) * 255
    return Image.fromarray(np.clip(grey, 0, 255).round().astype(np.uint8))


def to_tensor(images: Sequence[Image.Image], preprocess: Preprocess) -> NDArray[np.float32]:
    """RGB images as the encoder's input, (n, 3, size, size), normalised by mean and std."""
    return normalised(fitted(images, preprocess), preprocess)


def fitted(images: Sequence[Image.Image], preprocess: Preprocess) -> NDArray[np.uint8]:
    """RGB images at the encoder's size, (n, size, size, 3): a quarter of `to_tensor`'s bytes."""
    out = np.empty((len(images), preprocess.size, preprocess.size, 3), dtype=np.uint8)
    for row, image in enumerate(images):
        out[row] = np.asarray(_fitted(image, preprocess))
    return out


def normalised(pixels: NDArray[np.uint8], preprocess: Preprocess) -> NDArray[np.float32]:
    """Pixels (n, size, size, 3) as the encoder's input, (n, 3, size, size)."""
    out = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)
    mean, std = (np.array(v, dtype=np.float32) for v in (preprocess.mean, preprocess.std))
    out /= np.float32(255)
    out -= mean[:, None, None]
    out /= std[:, None, None]
    return out


def views_of(image: Image.Image, preprocess: Preprocess) -> list[Image.Image]:
    """The views of an image that are looked at, in the order of ``preprocess.views``."""
    return [_VIEWS[name](image) for name in preprocess.views]


def _middle(image: Image.Image, wide: float, high: float) -> Image.Image:
    """The middle ``wide`` × ``high`` pixels."""
    width, height = image.size
    left, top = math.floor((width - wide) / 2), math.floor((height - high) / 2)
    return image.crop((left, top, math.ceil(left + wide), math.ceil(top + high)))


def _zoom(image: Image.Image) -> Image.Image:
    return _middle(image, 0.8 * image.width, 0.8 * image.height)


def _center(image: Image.Image) -> Image.Image:
    return _middle(image, min(image.size), min(image.size))


def _corner(image: Image.Image, across: float, down: float, share: float = 0.75) -> Image.Image:
    """A part of ``share`` of the width and height; 0, 0 is the upper left corner, 1, 1 the lower
    right one.
    """
    width, height = (max(1, round(share * side)) for side in image.size)
    left, top = round(across * (image.width - width)), round(down * (image.height - height))
    return image.crop((left, top, left + width, top + height))


_VIEWS: Final[Mapping[str, Callable[[Image.Image], Image.Image]]] = {
    "whole": lambda image: image,
    "mirror": ImageOps.mirror,
    "zoom": _zoom,
    "zoom mirror": lambda image: ImageOps.mirror(_zoom(image)),
    "center": _center,
    "center mirror": lambda image: ImageOps.mirror(_center(image)),
    "upper left": lambda image: _corner(image, 0, 0),
    "upper right": lambda image: _corner(image, 1, 0),
    "lower left": lambda image: _corner(image, 0, 1),
    "lower right": lambda image: _corner(image, 1, 1),
}
"""Ways to look at an image, after the ten crops of Krizhevsky et al. 2012."""


def _fitted(image: Image.Image, preprocess: Preprocess) -> Image.Image:
    side, resample = preprocess.size, _RESAMPLE[preprocess.resample]
    if preprocess.crop == "squash":
        return image.resize((side, side), resample)
    return _middle_square(image, side, resample)


def _middle_square(image: Image.Image, side: int, resample: Image.Resampling) -> Image.Image:
    """The shorter edge resized to ``side`` and the middle cut out, lengths and offsets cut to
    whole pixels as transformers' image processors do.

    Of a banner only the middle is resized, lest 20000 × 20 pixels become a giant. (Elsewhere
    the whole is, for Pillow takes the order of its two passes, and so the rounding between them,
    from the sizes.)
    """
    width, height = image.size
    short = min(width, height)
    resized = (side * width // short, side * height // short)
    left, top = ((edge - side) // 2 for edge in resized)
    if max(resized) <= BANNER * side:
        whole = image.resize(resized, resample)
        return whole.crop((left, top, left + side, top + side))
    across, down = width / resized[0], height / resized[1]
    box = (left * across, top * down, (left + side) * across, (top + side) * down)
    return image.resize((side, side), resample, box=box)
