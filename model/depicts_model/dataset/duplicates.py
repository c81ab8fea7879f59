"""Near-duplicates of photos: a perceptual hash, what lies within a few bits of it, and clusters.

Exact, not approximate: a hash of 64 bits is cut into one band more than the bits that may differ.
Of two hashes that differ in no more bits, one band at least is the same in both, so only hashes
that share a band are compared (multi-index hashing, Norouzi et al. 2012, arXiv 1307.2982).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.intp]

_BITS: Final = 64
_BLOCK: Final = 1 << 22
"""Comparisons at a time: 32 MB."""


def perceptual_hash(image: Image.Image) -> int:
    """The 64-bit DCT hash (Zauner 2010) of an image, as an unsigned integer."""
    return int(np.packbits(imagehash.phash(image).hash.flatten()).view(">u8")[0])


def near(left: Hashes, right: Hashes, bits: int) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """For each row of ``left``: the rows of ``right`` within ``bits`` bits (Hamming), if any.

    Both ascend.
    """
    found = near_pairs(left, right, bits)
    rows, starts = np.unique(found[:, 0], return_index=True)
    for row, others in zip(rows, np.split(found[:, 1], starts[1:]), strict=False):
        yield int(row), others


def near_pairs(left: Hashes, right: Hashes, bits: int) -> Pairs:
    """(m, 2) rows of ``left`` and ``right`` within ``bits`` bits, each pair once, sorted."""
    parts = [_in_band(left, right, bits, *band) for band in _bands(bits)]
    return np.unique(np.concatenate(parts), axis=0)


def clusters(hashes: Hashes, bits: int) -> NDArray[np.intp]:
    """For each row its cluster's lowest row: connected components of the near-duplicates."""
    values, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    pairs = near_pairs(values, values, bits)
    parent = _components(len(values), pairs[pairs[:, 0] < pairs[:, 1]])
    lowest = np.full(len(values), len(hashes), dtype=np.intp)
    np.minimum.at(lowest, parent, first)
    return np.asarray(lowest[parent][inverse], dtype=np.intp)


def _bands(bits: int) -> list[tuple[int, int]]:
    """(shift, width) of each band; together they cover all 64 bits."""
    ends = np.linspace(0, _BITS, min(bits + 1, _BITS) + 1).astype(int).tolist()
    return [(start, end - start) for start, end in pairwise(ends)]


def _in_band(left: Hashes, right: Hashes, bits: int, shift: int, width: int) -> Pairs:
    """Pairs among those that have this band in common."""
    buckets, rows, starts = _by_band(left, shift, width)
    theirs, others, limits = _by_band(right, shift, width)
    _, ours_at, theirs_at = np.intersect1d(buckets, theirs, return_indices=True)
    parts = [np.empty((0, 2), dtype=np.intp)]
    for one, other in zip(ours_at, theirs_at, strict=True):
        mine = rows[starts[one] : starts[one + 1]]
        yours = others[limits[other] : limits[other + 1]]
        parts += _close(left, right, mine, yours, bits)
    return np.concatenate(parts)


def _by_band(hashes: Hashes, shift: int, width: int) -> tuple[Hashes, Pairs, Pairs]:
    """The values of a band, all rows in their order, and where the rows of each value begin."""
    mask = np.uint64((1 << width) - 1)
    band = (hashes >> np.uint64(shift)) & mask
    rows = np.argsort(band, kind="stable")
    values, starts = np.unique(band[rows], return_index=True)
    return values, rows, np.append(starts, len(hashes))


def _close(left: Hashes, right: Hashes, mine: Pairs, yours: Pairs, bits: int) -> Iterator[Pairs]:
    step = max(1, _BLOCK // len(yours))
    for start in range(0, len(mine), step):
        some = mine[start : start + step]
        apart = np.bitwise_count(left[some, None] ^ right[None, yours])
        at, other = np.nonzero(apart <= bits)
        yield np.column_stack([some[at], yours[other]])


def _components(count: int, pairs: Pairs) -> NDArray[np.intp]:
    """For each row the lowest row that pairs connect it with."""
    parent = list(range(count))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for one, other in pairs.tolist():
        a, b = root(one), root(other)
        parent[max(a, b)] = min(a, b)
    return np.array([root(row) for row in range(count)], dtype=np.intp)
