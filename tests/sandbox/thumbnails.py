"""Thumbnails, made with Pillow when first wanted, in the widths that Commons serves."""

from __future__ import annotations

import io
import threading

from PIL import Image, UnidentifiedImageError

from .api.images import scaled_height
from .records import StoredFile

WIDTHS = (20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840)
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}


class ThumbnailError(Exception):
    """No thumbnail; ``status`` is what HTTP answers."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Thumbnails:
    """Makes thumbnails and remembers them, by file and width."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], bytes] = {}
        self._lock = threading.Lock()

    def get(self, file: StoredFile, width: int) -> bytes:
        """The bytes of a thumbnail, in the file's own format.

        Raises:
            ThumbnailError: a width that is not served, one wider than the file, a file that is
                no picture or cannot be decoded.
        """
        if width not in WIDTHS:
            raise ThumbnailError(429, "Use thumbnail sizes listed on w.wiki/GHai")
        if width >= file.width or file.mime not in _FORMATS:
            raise ThumbnailError(400, "The source file is not wider than the thumbnail")
        if file.blob is None:
            raise ThumbnailError(404, "This wiki does not have the file's bytes")
        with self._lock:
            key = (file.sha1, width)
            if key not in self._made:
                self._made[key] = _scaled(file, file.blob(), width)
            return self._made[key]


def _scaled(file: StoredFile, data: bytes, width: int) -> bytes:
    height = max(1, scaled_height(file, width))
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (width, height))
            small = _plain(image).resize((width, height), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise ThumbnailError(500, f"Error generating thumbnail: {error}") from error
    made = io.BytesIO()
    small.save(made, _FORMATS[file.mime])
    return made.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    """Grey, colour or colour with transparency: what scales smoothly."""
    if image.mode in ("L", "RGB", "RGBA"):
        return image
    return image.convert("RGBA" if "transparency" in image.info else "RGB")
