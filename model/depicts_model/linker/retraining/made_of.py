"""Of which files a model was made, so that it is never judged by one of them; and which judged it,
so that no later one is made of them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from depicts_model.dataset.duplicates import near_pairs
from depicts_model.dataset.units import DUPLICATE_BITS
from depicts_model.errors import ArtefactError
from depicts_model.linker.retraining.lessons import Lesson

TRAINING: Final = "training.npz"
"""In an artefact: what it was made of."""
FROZEN: Final = 5
"""One in so many of the files that judged is held out for good. Not all of them: where the newest
tenth judges, every file is among it once, and in the end nothing new would be learnt from.
"""
UNUSED: Final = ("test", "left out")
"""Roles in the list of `fit` that make nothing."""
Marks = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class MadeOf:
    """Marks (m,) and perceptual hashes (k,) of files; of some only one of the two is known."""

    marks: Marks
    hashes: Marks

    @classmethod
    def of(cls, lessons: Sequence[Lesson]) -> MadeOf:
        """These files."""
        hashes = [one.hash for one in lessons if one.hash is not None]
        # by name too: a dump of the wiki knows no contents
        named = _numbers(one.file for one in lessons)
        return cls(np.union1d(marks(lessons), named), np.unique(np.array(hashes, dtype=np.uint64)))

    @classmethod
    def read(cls, folder: Path, name: str = TRAINING) -> MadeOf | None:
        """Of the artefact in ``folder``; None where it does not say.

        ``name``: of the list. Raises ArtefactError where it says it in a way that is not ours.
        """
        path = folder / name
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls._of(dict(arrays))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ArtefactError(f"{path}: not a list of files: {error}") from None

    @classmethod
    def _of(cls, arrays: dict[str, NDArray[Any]]) -> MadeOf:
        files, hashes = arrays["files"], arrays.get("hashes", np.empty(0, np.uint64))
        if files.dtype.kind == "U":
            # the list of `fit`: names, with the role of each
            used = ~np.isin(arrays["role_names"][arrays["roles"]], UNUSED)
            files, hashes = _numbers(files[used].tolist()), hashes[used]
        for name, array in (("files", files), ("hashes", hashes)):
            if array.dtype != np.uint64 or array.ndim != 1:
                raise ValueError(f"{name} are {array.dtype}, and not uint64")
        return cls(files, hashes)

    def __or__(self, other: MadeOf) -> MadeOf:
        """The files of both."""
        return MadeOf(np.union1d(self.marks, other.marks), np.union1d(self.hashes, other.hashes))

    def to_bytes(self) -> bytes:
        """The same bytes for the same files: numpy writes no times."""
        out = io.BytesIO()
        np.savez(out, files=self.marks, hashes=self.hashes)
        return out.getvalue()

    def has(self, lessons: Sequence[Lesson]) -> NDArray[np.bool_]:
        """Which of the lessons (n,) are among them: by content, by name, or as near-duplicates."""
        named = np.isin(_numbers(one.file for one in lessons), self.marks)
        found = named | np.isin(marks(lessons), self.marks)
        seen = [(at, one.hash) for at, one in enumerate(lessons) if one.hash is not None]
        theirs = np.array([code for _, code in seen], dtype=np.uint64)
        pairs = near_pairs(theirs, self.hashes, DUPLICATE_BITS)
        found[[seen[row][0] for row in pairs[:, 0]]] = True
        return found


def frozen(lessons: Sequence[Lesson]) -> MadeOf:
    """Those of the lessons that judge for good, a part of all files that is drawn by name: every
    source knows that, and not every one the content.
    """
    stay = (_numbers(one.file for one in lessons) % FROZEN == 0).tolist()
    return MadeOf.of([one for one, stays in zip(lessons, stay, strict=True) if stays])


def marks(lessons: Iterable[Lesson]) -> Marks:
    """(n,): a number for each file, by its content where that is known."""
    return _numbers(lesson.sha1 or lesson.file for lesson in lessons)


def _numbers(names: Iterable[str]) -> Marks:
    digests = (hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
