"""An encoder that remembers: an image that was encoded once is not decoded again.

The memory is a value that the caller brings (`depicts_model.cache.EmbeddingCache` fits): opening a
file is nothing for this floor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depicts_model.errors import ImageError
from depicts_model.linker.artefact import CONFIG, PREPROCESS, WEIGHTS, Artefact
from depicts_model.linker.encoder import Encoder
from depicts_model.settings import Settings

Floats = NDArray[np.float32]
STORED = np.dtype("<f4")
"""Single floats, as `Encoder.encode` gives them: what is recalled is bit for bit what was seen."""


class Memory(Protocol):
    """Bytes by key, which may be lost at any time."""

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are there."""

    def put(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep these values."""


class Forgetful:
    """A memory that keeps nothing, for who has none."""

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Nothing."""
        return {}

    def put(self, rows: Mapping[bytes, bytes]) -> None:
        """Forget them."""


@dataclass(frozen=True, slots=True, eq=False)
class CachedEncoder:
    """An encoder with a memory. ``space``: of all its vectors, as `space_of` names it."""

    encoder: Encoder
    memory: Memory
    space: str

    def encode(
        self, images: Sequence[bytes], sha1s: Sequence[str]
    ) -> tuple[Floats, dict[int, ImageError]]:
        """As `Encoder.encode`; ``sha1s``: of the original files, in the order of ``images``.

        Only images that are not remembered are encoded, in one list, and of those with the same
        SHA-1 the first alone; errors are not remembered.
        """
        keys = [self._key(sha1) for sha1 in sha1s]
        known = self._recalled(keys)
        first: dict[bytes, int] = {}
        for row, key in enumerate(keys):
            if key not in known:
                first.setdefault(key, row)
        fresh, faults = self.encoder.encode([images[row] for row in first.values()])
        made = dict(zip(first, fresh, strict=True))
        wrong = {key: faults[number] for number, key in enumerate(first) if number in faults}
        if new := {key: bytes_of(vector) for key, vector in made.items() if key not in wrong}:
            self.memory.put(new)
        vectors = np.zeros((len(images), self.encoder.dim), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = known[key] if key in known else made[key]
        return vectors, {row: wrong[key] for row, key in enumerate(keys) if key in wrong}

    def recalled(self, sha1s: Sequence[str]) -> dict[str, Floats]:
        """The remembered vectors, (d,) each, by SHA-1; what is not remembered is not there."""
        keys = {sha1: self._key(sha1) for sha1 in sha1s}
        known = self._recalled(list(keys.values()))
        return {sha1: known[key] for sha1, key in keys.items() if key in known}

    def _key(self, sha1: str) -> bytes:
        return key_of(self.space, sha1)

    def _recalled(self, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        """The remembered vectors, (d,) each; what is not d numbers is none."""
        size = self.encoder.dim * STORED.itemsize
        found = self.memory.get(keys)
        return {k: np.frombuffer(v, STORED) for k, v in found.items() if len(v) == size}


def key_of(space: str, sha1: str) -> bytes:
    """What a vector is remembered by: 16 bytes of the `space_of` it and the original file."""
    return hashlib.blake2b(f"{space} {sha1}".encode(), digest_size=16).digest()


def seen_by(
    encoder: Encoder, artefact: Artefact, settings: Settings, memory: Memory | None
) -> CachedEncoder:
    """The encoder of ``artefact`` with this memory; None: nothing is remembered."""
    space = space_of(artefact, settings.precision, settings.thumbnail_width)
    return CachedEncoder(encoder, memory or Forgetful(), space)


def space_of(artefact: Artefact, precision: str, thumbnail_width: int) -> str:
    """All that a vector depends on beside the file: weights, preprocessing, projection, precision,
    and the width (pixels) of the thumbnail that was looked at.
    """
    hashes, projection = artefact.manifest.hashes, artefact.items.projection
    into = "" if projection is None else hashlib.sha256(projection.tobytes()).hexdigest()
    made_of = [hashes[WEIGHTS], hashes[CONFIG], hashes[PREPROCESS], into]
    return json.dumps([*made_of, precision, thumbnail_width])


def bytes_of(vector: ArrayLike) -> bytes:
    """How a vector is remembered."""
    return np.asarray(vector, STORED).tobytes()
