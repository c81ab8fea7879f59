"""What a step leaves for the next one: arrays in a file that is there whole, or not at all."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError

Arrays = Mapping[str, NDArray[Any]]
LOCK: Final = ".lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make ``folder`` and let no other run work in it meanwhile.

    Raises ArtefactError where one does already, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # a file of its own: network file systems lock nothing that is opened to read
        lock = (folder / LOCK).open("w")
    except OSError as error:
        raise ArtefactError(f"{folder}: cannot be written: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ArtefactError(f"{folder}: another retraining works here") from None
        yield


def kept(path: Path, make: Callable[[], Arrays]) -> dict[str, NDArray[Any]]:
    """The arrays of ``path``; made and put there where they are not, or damaged.

    They are always read from the file: a run that was killed goes on with the same bits.
    """
    found = read(path)
    return put(path, make()) if found is None else found


def put(path: Path, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Write ``arrays`` in one step, in place of what is there; as they are read again."""
    draft = path.with_suffix(".part")
    with draft.open("wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]
    draft.replace(path)
    found = read(path)
    if found is None:
        raise ArtefactError(f"{path}: cannot be read again; is the disk sound?")
    return found


def read(path: Path) -> dict[str, NDArray[Any]] | None:
    """The arrays of ``path``; None where it is not there, or damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (FileNotFoundError, ValueError, EOFError, BadZipFile):
        return None
