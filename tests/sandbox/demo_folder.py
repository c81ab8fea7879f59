"""The folder that a demo works in: its own alone, empty at the start, one demo at a time."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARKER = ".made-by-the-demo"
NOTE = "Made by the demo, and removed when it runs again.\n"


class FolderError(Exception):
    """The folder cannot be had, and nothing in it was touched; the message names it."""


@contextmanager
def own_folder(folder: Path) -> Iterator[Path]:
    """The folder made empty, its absolute path; held until the end.

    The lock is on the marker and the system's: it ends with the process, however that ends.

    Raises:
        FolderError: it holds what is not a demo's, another demo runs there, or it cannot be made.
    """
    marker = folder / MARKER
    try:
        if not _is_ours(folder, marker):
            raise FolderError(f"{folder}: holds something that is not the demo's")
        folder.mkdir(parents=True, exist_ok=True)
        lock = marker.open("a", encoding="utf-8")
    except OSError as error:
        raise FolderError(f"{folder}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderError(f"{folder}: another demo runs there; end it first") from None
        lock.truncate(0)
        lock.write(NOTE)
        lock.flush()
        _clear(folder, marker)
        yield folder.resolve()


def _is_ours(folder: Path, marker: Path) -> bool:
    return not folder.exists() or marker.is_file() or not any(folder.iterdir())


def _clear(folder: Path, kept: Path) -> None:
    """Remove everything but the marker: whoever holds it holds the folder."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != kept:
            path.unlink()
