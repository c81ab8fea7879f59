"""The settings: which photos of T train, choose and test, and how often each item comes.

- ``vel-shaped``: items' uses fall by Zipf's law with the exponent of the VEL data set, capped by
  what there is, so that many items are rare; which item is frequent is drawn anew by each seed.
- ``balanced``: at most so many photos an item, in all parts together.
- ``multi``: mosaics of two to four photos, drawn as for ``vel-shaped`` but more of them, with the
  union of their items. No photo of the test part is pasted twice: its mosaics are independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.experiments.splits import SHARES, TEST, TRAIN, VAL

Rows = NDArray[np.intp]
Setting = Literal["vel-shaped", "multi", "balanced"]
SETTINGS: Final[tuple[Setting, ...]] = ("vel-shaped", "multi", "balanced")
PARTS: Final = (TRAIN, VAL, TEST)
EXPONENT: Final = 0.83
"""Of Zipf's law; measured on the VEL data set (linking.md)."""
LARGEST: Final = 500
"""Uses of the most frequent item, had it as many photos."""
MOST: Final = 100
"""Photos of an item in ``balanced``."""
LARGEST_OF_MULTI: Final = 1500
"""As `LARGEST`, for the photos of mosaics."""
MOSAICS: Final = (3000, 750)
"""Of the training and the validation part, where a photo may be pasted again."""


def vel_shaped(
    kinds: Rows, roles: NDArray[np.uint8], seed: int, largest: float = LARGEST
) -> tuple[Rows, ...]:
    """Photos (by number) of each part. ``kinds`` (n,): of each photo of T its first item."""
    draw = np.random.default_rng((seed, 83))
    names = np.unique(kinds)
    rank = draw.permutation(len(names)) + 1
    wanted = dict(zip(names.tolist(), (largest * rank**-EXPONENT).tolist(), strict=True))
    return _drawn(kinds, roles, wanted, draw)


def balanced(kinds: Rows, roles: NDArray[np.uint8], seed: int) -> tuple[Rows, ...]:
    """Photos (by number) of each part, at most `MOST` an item in all."""
    wanted = dict.fromkeys(np.unique(kinds).tolist(), float(MOST))
    return _drawn(kinds, roles, wanted, np.random.default_rng((seed, 100)))


def _drawn(
    kinds: Rows, roles: NDArray[np.uint8], wanted: Mapping[int, float], draw: np.random.Generator
) -> tuple[Rows, ...]:
    parts: tuple[list[int], ...] = ([], [], [])
    order = draw.permutation(len(kinds))
    for kind, uses in wanted.items():
        mine = order[kinds[order] == kind]
        for part in PARTS:
            pool = mine[roles[mine] == part]
            parts[part].extend(pool[: max(1, round(uses * SHARES[part]))].tolist())
    return tuple(np.array(sorted(rows), dtype=np.intp) for rows in parts)


def mosaics(parts: Sequence[Rows], seed: int) -> tuple[list[tuple[int, ...]], ...]:
    """Of each part the photos (by number) of each mosaic, two to four, drawn from that part."""
    draw = np.random.default_rng((seed, 22))
    drawn = [
        [tuple(draw.choice(rows, draw.integers(2, 5), replace=False).tolist()) for _ in range(many)]
        for rows, many in zip(parts[:TEST], MOSAICS, strict=True)
    ]
    return (*drawn, _disjoint(parts[TEST], draw))


def _disjoint(rows: Rows, draw: np.random.Generator) -> list[tuple[int, ...]]:
    """As many mosaics as the photos allow, each photo in at most one."""
    waiting, found = draw.permutation(rows).tolist(), []
    while len(waiting) > 1:
        size = int(draw.integers(2, 5))
        found.append(tuple(waiting[:size]))
        del waiting[:size]
    return found
