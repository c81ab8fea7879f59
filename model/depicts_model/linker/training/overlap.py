"""How many images of a test set a model was made of: by those it cannot be judged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from depicts_model.dataset.pictures import hash_of
from depicts_model.errors import ImageError
from depicts_model.linker.retraining.lessons import TEST, Lesson
from depicts_model.linker.retraining.made_of import MadeOf


@dataclass(frozen=True, slots=True)
class Overlap:
    """Images of a test set that are, or nearly are, ones that the model was made of."""

    known: int
    images: int
    made_of: int
    """Images that the model was made of, as far as it lists them."""

    @property
    def told(self) -> str:
        """How many of the test set they are."""
        return f"{self.made_of:,} images, of which {self.known} are in the test set"

    @property
    def warning(self) -> str:
        """One sentence; empty where there is nothing to warn of."""
        if not self.known:
            return ""
        return (
            f"{self.known} of {self.images} images are (nearly) ones that this model was made of: "
            "the figures are better than on images that it never saw"
        )


def overlap(model: Path, images: Path, files: Sequence[str]) -> Overlap | None:
    """Of the ``files`` below ``images`` those that the model in the folder was made of.

    Found by content and by perceptual hash; by name too where the model lists no hashes. None where
    it does not say of what it was made. Raises ArtefactError where it says it in a foreign way.
    """
    made = MadeOf.read(model)
    if made is None:
        return None
    known = int(made.has(list(_lessons(images, files, named=not len(made.hashes)))).sum())
    return Overlap(known, len(files), max(len(np.unique(made.marks)), len(made.hashes)))


def _lessons(images: Path, files: Sequence[str], *, named: bool) -> Iterator[Lesson]:
    """One at a time: a test set may be larger than the memory."""
    for file in files:
        data = (images / file).read_bytes()
        sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        yield Lesson(file if named else sha1, (), sha1, TEST, sha1, hash=_hash(data))


def _hash(data: bytes) -> int | None:
    """None where the picture cannot be read: whoever encodes it says so."""
    try:
        return hash_of(data)
    except ImageError:
        return None
