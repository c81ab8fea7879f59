"""A folder that is there whole, or not at all, and that one build at a time writes."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from depicts_model.errors import ArtefactError


def hidden(out: Path) -> Path:
    """Where ``out`` is made."""
    return out.with_name(f".{out.name}.unfinished")


@contextmanager
def claimed(out: Path) -> Iterator[Path]:
    """An empty folder that becomes ``out`` when all went well.

    What an earlier, killed build left in it is deleted; so is what this one leaves when it
    fails; an OSError that names no file (Arrow's, of a full disk) names ``out`` then. Raises
    ArtefactError where ``out`` holds something, or another build is writing it.
    """
    check_free(out)
    folder = hidden(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ArtefactError(f"{out}: named by --out: {error.strerror}") from None
    try:
        _lock(held, out)
        _emptied(folder)
        try:
            yield folder
        except BaseException as error:
            shutil.rmtree(folder)
            if isinstance(error, OSError) and error.errno and error.filename is None:
                raise OSError(error.errno, os.strerror(error.errno), str(out)) from None
            raise
        check_free(out)
        folder.replace(out)
    finally:
        os.close(held)


def check_free(out: Path) -> None:
    """Raise ArtefactError where there is something at ``out``; an empty folder is nothing."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise ArtefactError(f"{out}: named by --out, is there and no folder; it is not replaced")
    if out.is_dir() and any(out.iterdir()):
        raise ArtefactError(f"{out}: named by --out, is there and not empty; it is not replaced")


def _lock(held: int, out: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ArtefactError(f"{out}: another build is writing it") from None


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
