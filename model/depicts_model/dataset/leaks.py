"""No uploader, no content, no near-duplicate on two sides of a split, and test is the newest.

Each check reads what the shards hold, not what was meant by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import combinations
from typing import Final

import numpy as np

from depicts_model.dataset.duplicates import Hashes, near_pairs
from depicts_model.dataset.shards import SPLITS, TEST
from depicts_model.dataset.units import DUPLICATE_BITS
from depicts_model.errors import ArtefactError

Values = Mapping[str, frozenset[str]]
"""Split to what occurs in it."""


class LeakError(ArtefactError):
    """Something is on two sides of a split."""


def shared(by_split: Values) -> dict[tuple[str, str], frozenset[str]]:
    """For each pair of sides that have some in common: which."""
    pairs = combinations([split for split in SPLITS if split in by_split], 2)
    found = {(a, b): by_split[a] & by_split[b] for a, b in pairs}
    return {pair: common for pair, common in found.items() if common}


def check_values(what: str, by_split: Values) -> None:
    """Raise LeakError where a value (an uploader, a sha1, a file, a unit) is on two sides."""
    for (one, other), common in shared(by_split).items():
        example = min(common)
        raise LeakError(f"{len(common)} {what} are in {one} and {other}, such as {example}")


def straddling(one: Hashes, other: Hashes) -> Hashes:
    """The hashes of ``one`` that are near-duplicates of some of ``other``."""
    pairs = near_pairs(np.unique(one), np.unique(other), DUPLICATE_BITS)
    return np.asarray(np.unique(one)[np.unique(pairs[:, 0])], dtype=np.uint64)


def check_near(hashes: Mapping[str, Hashes]) -> None:
    """Raise LeakError where near-duplicates are on two sides."""
    for one, other in combinations([split for split in SPLITS if split in hashes], 2):
        found = straddling(hashes[one], hashes[other])
        if len(found):
            words = f"{len(found)} perceptual hashes in {one} are near to some in {other}"
            raise LeakError(f"{words}, such as {int(found[0]):016x}")


def check_time(spans: Mapping[str, tuple[datetime, datetime]]) -> None:
    """Raise LeakError where a file outside test is newer than one in it. Oldest and newest."""
    if TEST not in spans:
        return
    oldest = spans[TEST][0]
    for split, (_, newest) in spans.items():
        if split != TEST and newest > oldest:
            words = f"a file of {split} is of {newest.isoformat()}"
            raise LeakError(f"{words}, one of {TEST} older: {oldest.isoformat()}")


COLUMNS: Final = {"uploader": "uploaders", "sha1": "contents", "file": "files", "unit": "units"}
"""Columns whose values may not be on two sides, and what they are called."""
