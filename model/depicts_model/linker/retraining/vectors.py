"""Vectors of the lessons' images: from the memory, or encoded once and kept chunk by chunk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from depicts_model.dataset.progress import shown
from depicts_model.errors import ImageError
from depicts_model.linker.cached import CachedEncoder
from depicts_model.linker.retraining.keeping import put, read
from depicts_model.linker.retraining.lessons import Lesson

Vectors = NDArray[np.float32]
CHUNK: Final = 256
"""Images that are put aside at a time: what a kill can cost."""
PART: Final = 64
"""Images that are read and encoded at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What an encoder saw."""

    vectors: Vectors
    """(n, d), of the lessons' images."""
    nothing: Mapping[int, Vectors]
    """By role (k, d): of images of nothing (`nothing.images`)."""


class Images(Protocol):
    """Where images come from."""

    def read(self, lesson: Lesson) -> bytes:
        """The image of a lesson; ImageError where there is none, and none will come.

        Any other DepictsError ends the run, which may be taken up again.
        """

    def where(self) -> str:
        """Where it looks, for who reads that an image is nowhere."""


def vectors_of(
    lessons: Sequence[Lesson], encoder: CachedEncoder, images: Images, folder: Path
) -> tuple[Vectors, NDArray[np.bool_]]:
    """Vectors (n, d) of the lessons' images, zero where there is none, and which are there (n,).

    Kept in ``folder``, which is for these lessons and this encoder; taken up where it stopped. An
    image that was not there is asked for again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    with shown("images", len(lessons), "images") as bar:
        for start in range(0, len(lessons), CHUNK):
            path, some = folder / f"{start:07d}.npz", lessons[start : start + CHUNK]
            parts.append(_chunk(path, some, encoder, images, bar))
            bar.update(start + len(some) - bar.n)
    vectors = np.concatenate(parts)
    return vectors, _there(vectors)


def _chunk(
    path: Path, lessons: Sequence[Lesson], encoder: CachedEncoder, images: Images, bar: Any
) -> NDArray[np.float32]:
    found = read(path)
    if found is None:
        return put(path, {"vectors": _in_parts(lessons, encoder, images, bar)})["vectors"]
    vectors = found["vectors"]
    gone = np.flatnonzero(~_there(vectors))
    if len(gone):
        again = [lessons[at] for at in gone.tolist()]
        vectors[gone] = _in_parts(again, encoder, images, bar)
    return put(path, {"vectors": vectors})["vectors"] if _there(vectors[gone]).any() else vectors


def _there(vectors: Vectors) -> NDArray[np.bool_]:
    return np.asarray(np.abs(vectors).max(axis=1, initial=0) > 0)


def _in_parts(
    lessons: Sequence[Lesson], encoder: CachedEncoder, images: Images, bar: Any
) -> Vectors:
    """With news after each part: a wiki's thumbnails take seconds each."""
    parts = []
    for start in range(0, len(lessons), PART):
        some = lessons[start : start + PART]
        parts.append(_encoded(some, encoder, images))
        bar.update(len(some))
    return np.concatenate(parts)


def _encoded(lessons: Sequence[Lesson], encoder: CachedEncoder, images: Images) -> Vectors:
    known = encoder.recalled([lesson.sha1 for lesson in lessons if lesson.sha1])
    vectors = np.zeros((len(lessons), encoder.encoder.dim), dtype=np.float32)
    new: list[tuple[int, bytes]] = []
    for at, lesson in enumerate(lessons):
        if lesson.sha1 in known:
            vectors[at] = known[lesson.sha1]
        else:
            new += [(at, image) for image in _read(images, lesson)]
    # a file of which nobody told the SHA-1 is known by what was read
    sha1s = [lessons[at].sha1 or _sha1(image) for at, image in new]
    found, _ = encoder.encode([image for _, image in new], sha1s)
    vectors[[at for at, _ in new]] = found
    return vectors


def _read(images: Images, lesson: Lesson) -> list[bytes]:
    try:
        return [images.read(lesson)]
    except ImageError:
        return []


def _sha1(image: bytes) -> str:
    return hashlib.sha1(image, usedforsecurity=False).hexdigest()
