"""On which side a file is: train, validation or test. Units are never parted.

Without times a lot is drawn for each unit. Where files have times, test is the newest: a time is
found that a tenth of them are not older than. A unit goes to the side of that time on which most of
it lies, as far as that is known, and its files on the other side are left out, so that no file of
train or validation is known to be newer than one of test. A unit of no known time is drawn by lot,
as a dump of the wiki is, which has none at all; a file without one goes along with its unit, but is
left out of test where that is there for being new.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from depicts_model.dataset.rows import Row
from depicts_model.dataset.shards import TEST, TRAIN, VALIDATION
from depicts_model.dataset.units import Units, lot

How = Literal["units", "random"]
SHARE: Final = 0.1
"""Of validation, and of test; as in the VEL paper (800,000, 100,000, 100,000)."""


@dataclass(slots=True)
class Times:
    """Of which unit how much is new, for a split by time."""

    cutoff: datetime
    _new: Counter[str] = field(default_factory=Counter)
    _old: Counter[str] = field(default_factory=Counter)

    def is_new(self, time: datetime | None) -> bool:
        """Whether a file of this time is of the newest."""
        return time is not None and time >= self.cutoff

    def add(self, unit: str, time: datetime | None) -> None:
        """One file more of this unit; without a time it says nothing."""
        if time is not None:
            (self._new if self.is_new(time) else self._old)[unit] += 1

    def knows(self, unit: str) -> bool:
        """Whether any of it has a time."""
        return unit in self._new or unit in self._old

    def newest(self, unit: str) -> bool:
        """Whether more of it is new than not."""
        return self._new[unit] > self._old[unit]


def cutoff_of(times: Sequence[datetime]) -> datetime | None:
    """The earliest time that at most a tenth of the files, but one at least, are not older than.

    None where there is none: too many of one time.
    """
    ordered = sorted(times)
    most = max(1, round(len(ordered) * SHARE))
    for time in sorted({*ordered[-most:]}):
        older = bisect_left(ordered, time)
        if older and len(ordered) - older <= most:
            return time
    return None


class ByUnits:
    """No unit is parted."""

    def __init__(self, units: Units, seed: int, times: Times | None) -> None:
        self._units, self._seed, self._times = units, seed, times

    def unit(self, row: Row) -> str:
        """The name of its unit."""
        return self._units.of(row)

    def side(self, row: Row, unit: str) -> str | None:
        """None where it is left out: most of its unit lies on the other side of the time."""
        drawn = lot(self._seed, unit)
        if self._times is None or not self._times.knows(unit):
            return TEST if drawn < SHARE else VALIDATION if drawn < 2 * SHARE else TRAIN
        if self._times.is_new(row.time) is not self._times.newest(unit):
            return None
        if self._times.newest(unit):
            return TEST
        return VALIDATION if drawn < SHARE / (1 - SHARE) else TRAIN


class Random:
    """The papers' random split, file by file: near-duplicates and uploaders straddle it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def unit(self, row: Row) -> str:
        """The file itself."""
        return f"file:{row.file}"

    def side(self, row: Row, unit: str) -> str:
        """By lot."""
        drawn = lot(self._seed, unit)
        return TEST if drawn < SHARE else VALIDATION if drawn < 2 * SHARE else TRAIN
