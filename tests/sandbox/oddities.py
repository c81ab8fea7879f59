"""Files that are no good to link: made here, for tests of bad input; not in the demo's world."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from PIL import Image

from .records import Page, StoredFile, iso
from .state import State

_SVG = (
    b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48">'
    b'<rect width="64" height="48" fill="teal"/></svg>\n'
)
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_OGG = b"OggS\x00\x02" + bytes(22) + b"\x01vorbis" + bytes(22)
HUGE = (10_000, 5_000)
TEXT = "{{Information\n|description={{en|1=A test file}}\n}}\n\n[[Category:Test files]]"


@cache
def corrupt_jpeg() -> bytes:
    """A JPEG whose header is right and whose picture is cut off."""
    return _encoded(Image.new("RGB", (640, 480), "teal"), "JPEG")[:700]


@cache
def huge_jpeg() -> bytes:
    """Fifty megapixels of grey, in a small file."""
    return _encoded(Image.new("L", HUGE, 90), "JPEG", quality=10)


@cache
def animated_gif() -> bytes:
    """Three frames."""
    frames = [Image.new("P", (320, 240), shade) for shade in (10, 120, 230)]
    return _encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


# title, mime type, media type, size in pixels, bytes
ODDITIES: tuple[tuple[str, str, str, tuple[int, int], Callable[[], bytes]], ...] = (
    ("File:Nothing at all.jpg", "image/jpeg", "BITMAP", (640, 480), bytes),
    ("File:Cut short.jpg", "image/jpeg", "BITMAP", (640, 480), corrupt_jpeg),
    ("File:Very large.jpg", "image/jpeg", "BITMAP", HUGE, huge_jpeg),
    ("File:Moving.gif", "image/gif", "BITMAP", (320, 240), animated_gif),
    ("File:Drawing.svg", "image/svg+xml", "DRAWING", (64, 48), lambda: _SVG),
    ("File:Booklet.pdf", "application/pdf", "OFFICE", (595, 842), lambda: _PDF),
    ("File:Sound.ogg", "application/ogg", "AUDIO", (0, 0), lambda: _OGG),
)


def add_oddities(state: State) -> list[Page]:
    """Upload them all, as 72 hours ago; gives their pages in the order of `ODDITIES`."""
    when = iso(state.clock() - timedelta(hours=72))
    with state.lock:
        return [_add(state, when, *odd) for odd in ODDITIES]


def _add(
    state: State,
    when: str,
    title: str,
    mime: str,
    media: str,
    size: tuple[int, int],
    blob: Callable[[], bytes],
) -> Page:
    data = blob()
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    file = StoredFile(when, "Uploader", "test", len(data), *size, sha1, mime, media, blob)
    return state.commons.upload(title, TEXT, file)
