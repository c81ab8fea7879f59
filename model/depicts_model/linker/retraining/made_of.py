"""Of which files a model was made, so that it is never judged by one of them; and which judged it,
so that no later one is made of them.

Two things it cannot hold apart. Other files of an uploader who is held out now may have taught the
model that a new one starts from: they live on in its prototypes (with the weight of 50 images at
the most) and in its counts. And what a source does not tell is not known again: a store's decisions
and a wiki's dump name no uploader and no perceptual hash, so of these the files themselves are held
out, and other files of their uploaders are not.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
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
"""One in so many of the units that judged is held out for good. Not all of them: where the newest
tenth judges, everyone is among it once, and in the end nothing new would be learnt from.
"""
UNUSED: Final = ("test", "left out")
"""Roles in the list of `fit` that make nothing."""
Marks = NDArray[np.uint64]


def _nothing() -> Marks:
    return np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class MadeOf:
    """Marks (m,) and perceptual hashes (k,) of files; of some only one of the two is known."""

    marks: Marks
    hashes: Marks
    units: Marks = field(default_factory=_nothing)
    """Marks (u,) of uploaders, or of what stands for them, whose other files are meant as well."""

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
        files, hashes = arrays["files"], arrays.get("hashes", _nothing())
        # none in a list of what a model was made of, nor in one of before 2026-11-22
        units = arrays.get("units", _nothing())
        if files.dtype.kind == "U":
            # the list of `fit`: names, with the role of each
            used = ~np.isin(arrays["role_names"][arrays["roles"]], UNUSED)
            files, hashes = _numbers(files[used].tolist()), hashes[used]
        for name, array in (("files", files), ("hashes", hashes), ("units", units)):
            if array.dtype != np.uint64 or array.ndim != 1:
                raise ValueError(f"{name} are {array.dtype}, and not uint64")
        return cls(files, hashes, units)

    def __or__(self, other: MadeOf) -> MadeOf:
        """The files of both."""
        marks, hashes = np.union1d(self.marks, other.marks), np.union1d(self.hashes, other.hashes)
        return MadeOf(marks, hashes, np.union1d(self.units, other.units))

    def to_bytes(self) -> bytes:
        """The same bytes for the same files: numpy writes no times."""
        out = io.BytesIO()
        np.savez(out, files=self.marks, hashes=self.hashes, units=self.units)
        return out.getvalue()

    def has(self, lessons: Sequence[Lesson]) -> NDArray[np.bool_]:
        """Which of the lessons (n,) are among them: by content, by name, or as near-duplicates; or
        of one of the uploaders.
        """
        found = np.isin(_numbers(one.file for one in lessons), self.marks)
        found |= np.isin(marks(lessons), self.marks)
        for names in ((one.uploader for one in lessons), (one.unit for one in lessons)):
            found |= np.isin(_numbers(names), self.units)
        seen = [(at, one.hash) for at, one in enumerate(lessons) if one.hash is not None]
        if not seen:
            return found
        theirs = np.array([code for _, code in seen], dtype=np.uint64)
        pairs = near_pairs(theirs, self.hashes, DUPLICATE_BITS)
        found[[seen[row][0] for row in pairs[:, 0]]] = True
        return found


def frozen(lessons: Sequence[Lesson]) -> MadeOf:
    """Those of the lessons that judge for good: units are drawn, and stay whole.

    The lot is that of one uploader, the least of them by mark, whatever else a later data set
    joins to the unit: were each of them drawn, a large one would hardly ever go free. The unit
    stands for who is not known. It may bear another name then, and is known again by its files.
    """
    numbers = _numbers(one.drawn_with() for one in lessons).tolist()
    lots: dict[str, int] = {}
    for one, number in zip(lessons, numbers, strict=True):
        lots[one.unit] = min(number, lots.get(one.unit, number))
    stay = [one for one in lessons if lots[one.unit] % FROZEN == 0]
    return replace(MadeOf.of(stay), units=np.unique(_numbers(one.drawn_with() for one in stay)))


def marks(lessons: Iterable[Lesson]) -> Marks:
    """(n,): a number for each file, by its content where that is known."""
    return _numbers(lesson.sha1 or lesson.file for lesson in lessons)


def _numbers(names: Iterable[str]) -> Marks:
    digests = (hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
