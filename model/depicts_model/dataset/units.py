"""What belongs together and may not be parted: one uploader's files, one content, near-duplicates.

A unit is a connected component over the keys of files: linked by an uploader, a sha1, a cluster of
near-duplicates, or the file's own id. It is named by the least of its keys, so neither the order
of the rows nor how many there are changes the name. Memory grows with the rows that are linked to
anything beside themselves, and not with those that are not, as all of a dump.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Final

import numpy as np

from depicts_model.dataset.duplicates import Hashes, clusters
from depicts_model.dataset.rows import Row

DUPLICATE_BITS: Final = 6
"""Perceptual hashes at most so many bits apart are near-duplicates."""
_SPAN: Final = 2**64


class Units:
    """Which unit a row belongs to, once all were added."""

    def __init__(self, cluster_of: Mapping[int, int]) -> None:
        self._cluster_of = cluster_of
        self._parent: dict[str, str] = {}

    def add(self, row: Row) -> None:
        """Link what this row links."""
        first, *others = self._keys(row)
        for other in others:
            a, b = self._root(first), self._root(other)
            if a != b:
                self._parent[max(a, b)] = min(a, b)
                self._parent.setdefault(min(a, b), min(a, b))

    def of(self, row: Row) -> str:
        """The name of its unit."""
        return self._root(next(self._keys(row)))

    def _keys(self, row: Row) -> Iterator[str]:
        yield f"file:{row.file}"
        if row.sha1:
            yield f"sha1:{row.sha1}"
        if row.uploader:
            yield f"uploader:{row.uploader}"
        if row.hash is not None:
            yield f"near:{self._cluster_of[row.hash]:016x}"

    def _root(self, key: str) -> str:
        found = self._parent.get(key, key)
        while found != self._parent.get(found, found):
            above = self._parent[found]
            self._parent[found] = self._parent.get(above, above)
            found = self._parent[found]
        return found


def clusters_by_hash(hashes: Hashes) -> dict[int, int]:
    """Each hash to the least hash of its cluster."""
    values = np.unique(hashes)
    least = values[clusters(values, DUPLICATE_BITS)]
    return dict(zip(values.tolist(), least.tolist(), strict=True))


def lot(seed: int, unit: str) -> float:
    """In [0, 1): drawn for a unit, whatever other units there are."""
    drawn = blake2b(f"{seed}/{unit}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) / _SPAN
