"""What a step leaves for the next one: arrays in a file that is there whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError

Arrays = Mapping[str, NDArray[Any]]


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
