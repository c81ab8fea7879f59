"""Pictures by name, in a folder or a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from PIL import Image, UnidentifiedImageError

from depicts_model.dataset.duplicates import perceptual_hash
from depicts_model.dataset.inputs import file_input, values_input
from depicts_model.errors import ArtefactError, ImageError

UNREADABLE: Final = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)
"""What Pillow raises of what is no picture, damaged, or far too large."""


class Pictures(Protocol):
    """Pictures that can be read by name."""

    def read(self, name: str) -> bytes:
        """The bytes of a picture; ImageError where it is not there or cannot be read."""


class InFolder:
    """Pictures below a folder; nothing outside it is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def read(self, name: str) -> bytes:
        """See `Pictures`."""
        try:
            path = (self._folder / name).resolve()
            if not path.is_relative_to(self._folder):
                raise ImageError("outside the folder of the pictures")
            return path.read_bytes()
        except (OSError, ValueError) as error:  # a name may hold a null byte
            raise ImageError(str(getattr(error, "strerror", None) or error)) from None


class InZip:
    """Pictures in a zip."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def read(self, name: str) -> bytes:
        """See `Pictures`."""
        try:
            return self._archive.read(name)
        except KeyError:
            raise ImageError("not in the zip") from None
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise ImageError(f"cannot be unpacked: {error}") from None


@contextmanager
def opened(path: Path) -> Iterator[Pictures]:
    """A folder, or a zip. Raises ArtefactError naming it where it is neither."""
    if path.is_dir():
        yield InFolder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise ArtefactError(f"{path}: {error.strerror or error}") from None
    except zipfile.BadZipFile as error:
        raise ArtefactError(f"{path}: neither a folder nor a sound zip: {error}") from None
    with archive:
        yield InZip(archive)


def input_of(path: Path) -> dict[str, Any]:
    """What the pictures are; a folder goes by the names and sizes of its files."""
    if not path.is_dir():
        return file_input(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    listed = ([file.relative_to(path).as_posix(), file.stat().st_size] for file in files)
    return values_input(f"{path.name}/ (names and sizes)", listed)


def decoded(data: bytes) -> Image.Image:
    """In RGB. Raises ImageError: no picture, damaged, or far too large."""
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except UNREADABLE as error:
        raise unreadable(error) from None


def unreadable(error: Exception) -> ImageError:
    """What is wrong, in words that are the same each time: Pillow may name an address in memory."""
    unknown = isinstance(error, UnidentifiedImageError)
    return ImageError(f"not a picture: {'of no known kind' if unknown else error}")


def hash_of(data: bytes) -> int:
    """The perceptual hash of a packed picture. Raises ImageError."""
    return perceptual_hash(decoded(data))
