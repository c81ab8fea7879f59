"""How sure a difference is: paired bootstrap over units, such as images or uploaders.

A unit is drawn with all that was measured on it, for all systems at once: what is easy for one is
mostly easy for the other, and a difference is known better than either figure. Strata (seeds)
count evenly: a figure is the mean of the strata's means. A unit may lie in several strata, as a
photo does that several seeds test on; units that lie in the same ones are drawn from one another,
so that each draw has as many units in each stratum as there are.

Percentile intervals (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

DRAWS: Final = 2000
LEVEL: Final = 0.95
THREE: Final = 3.0
"""-ln(1 - LEVEL), rounded as the rule of three has it."""
_AT_ONCE: Final = 250
"""Draws that are multiplied together: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value between the ends of its two-sided interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """A value over that of the rival that is best on average, with its interval."""

    value: float
    low: float
    high: float
    """Infinite where in some draws all rivals are at zero."""
    rival: str


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrap:
    """The draws of U units, the same for all that is asked of them; n measured images."""

    counts: NDArray[np.uint16]
    """(draws, U): how often each unit is drawn."""
    unit: Rows
    """(n,): the unit of each image."""
    stratum: Rows
    """(n,): its stratum."""

    @classmethod
    def over(
        cls,
        units: Sequence[Hashable],
        strata: Sequence[Hashable] | None = None,
        draws: int = DRAWS,
        seed: int = 0,
    ) -> Bootstrap:
        """Draw from ``units``: of each image its own. ``strata``: of each its; None: one for all.

        Raises ValueError where there are no images, or the lengths differ.
        """
        lots = [0] * len(units) if strata is None else list(strata)
        if not units or len(lots) != len(units):
            raise ValueError(f"{len(units)} units of images, {len(lots)} strata")
        unit, stratum = _numbers(units), _numbers(lots)
        counts = _drawn(_kinds(unit, stratum), draws, np.random.default_rng(seed))
        return cls(counts, unit, stratum)

    def mean(self, values: Floats) -> Floats:
        """(m,): the figures as measured, of values (n, m): the mean of the strata's means."""
        totals, sizes = self._sums(values)
        (found,) = _figures(totals.sum(axis=0)[None], sizes.sum(axis=0)[None])
        return np.asarray(found)

    def means(self, values: Floats) -> Floats:
        """(draws, m): the figures in each draw, of values (n, m)."""
        totals, sizes = self._sums(values)
        found = []
        for start in range(0, len(self.counts), _AT_ONCE):
            counts = self.counts[start : start + _AT_ONCE].astype(np.float64)
            drawn = np.tensordot(counts, totals, axes=1)
            found.append(_figures(drawn, counts @ sizes))
        return np.concatenate(found)

    def _sums(self, values: Floats) -> tuple[Floats, Floats]:
        """Of each unit and stratum: sums of the values (U, S, m), and number of images (U, S)."""
        if len(values) != len(self.unit):
            raise ValueError(f"{len(values)} values for {len(self.unit)} images")
        shape = self.counts.shape[1], int(self.stratum.max()) + 1
        totals, sizes = np.zeros((*shape, values.shape[1])), np.zeros(shape)
        np.add.at(totals, (self.unit, self.stratum), values)
        np.add.at(sizes, (self.unit, self.stratum), 1.0)
        return totals, sizes


def interval(boot: Bootstrap, values: Floats, level: float = LEVEL) -> Interval:
    """The mean of values (n,), and its interval."""
    column = values[:, None]
    return interval_of(float(boot.mean(column)[0]), boot.means(column)[:, 0], level)


def interval_of(value: float, drawn: Floats, level: float = LEVEL) -> Interval:
    """The interval of a figure whose draws (draws,) are there already."""
    return Interval(value, *_ends(drawn, level))


def share_of(part: float, whole: float, drawn: Floats, count: int) -> Interval:
    """A share with the interval of its draws (draws, 2), parts and wholes, `widened`; NaN of none.

    ``count``: of what it is a share. Draws of nothing are left out.
    """
    if not whole:
        return Interval(math.nan, math.nan, math.nan)
    some = drawn[drawn[:, 1] > 0]
    return widened(interval_of(part / whole, some[:, 0] / some[:, 1]), count)


def widened(one: Interval, count: int) -> Interval:
    """A share's interval; where all of ``count`` were alike, no draw tells what else there may be.

    Then it reaches to 3 / count, or from 1 - 3 / count (the rule of three; Hanley, Lippman-Hand,
    JAMA 249, 1983).
    """
    if one.low == one.high == 0:
        return replace(one, high=min(1.0, THREE / count))
    if one.low == one.high == 1:
        return replace(one, low=max(0.0, 1 - THREE / count))
    return one


def difference(boot: Bootstrap, ours: Floats, theirs: Floats, level: float = LEVEL) -> Interval:
    """How much higher ``ours`` is on average than ``theirs``, both (n,), and the interval."""
    return interval(boot, np.asarray(ours, np.float64) - theirs, level)


def ratio(
    boot: Bootstrap, ours: Floats, rivals: Mapping[str, Floats], level: float = LEVEL
) -> Ratio | None:
    """``ours`` (n,) over the best of ``rivals``, each (n,); None where all of them are at zero.

    The value is that against the rival that is best on average. In each draw it is the best of
    that draw, so that the choice among many rivals is paid for.
    """
    values = np.column_stack([ours, *rivals.values()])
    return ratio_of(boot.mean(values), boot.means(values), list(rivals), level)


def ratio_of(
    mean: Floats, drawn: Floats, rivals: Sequence[str], level: float = LEVEL
) -> Ratio | None:
    """`ratio`, where figures (1 + r,) and draws (draws, 1 + r) are there already, ours first."""
    own, *others = mean.tolist()
    best = max(range(len(others)), key=others.__getitem__)
    if others[best] == 0:
        return None
    low, high = _ends(_over(drawn[:, 0], drawn[:, 1:].max(axis=1)), level)
    return Ratio(own / others[best], low, high, rivals[best])


def _over(ours: Floats, theirs: Floats) -> Floats:
    """Element by element; nothing over nothing is level."""
    safe = np.where(theirs == 0, 1.0, theirs)
    result: Floats = np.where(theirs == 0, np.where(ours == 0, 1.0, np.inf), ours / safe)
    return result


def _ends(drawn: Floats, level: float) -> tuple[float, float]:
    """The ends of the percentile interval; of two neighbours the outer."""
    tail = (1 - level) / 2
    low = np.quantile(drawn, tail, method="lower")
    return float(low), float(np.quantile(drawn, 1 - tail, method="higher"))


def _numbers(names: Sequence[Hashable]) -> Rows:
    """(n,): of each name its number, by first appearance."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.intp)


def _kinds(unit: Rows, stratum: Rows) -> list[frozenset[int]]:
    """Of each unit the strata that it lies in."""
    found: list[set[int]] = [set() for _ in range(int(unit.max()) + 1)]
    for one, lot in zip(unit.tolist(), stratum.tolist(), strict=True):
        found[one].add(lot)
    return [frozenset(lots) for lots in found]


def _drawn(
    kinds: Sequence[frozenset[int]], draws: int, generator: np.random.Generator
) -> NDArray[np.uint16]:
    """(draws, U): as many units of each kind as there are, drawn with replacement from them."""
    counts = np.zeros((draws, len(kinds)), dtype=np.uint16)
    for kind, size in Counter(kinds).items():
        columns = np.array([at for at, other in enumerate(kinds) if other == kind])
        for line in counts:
            line[columns] = np.bincount(generator.integers(size, size=size), minlength=size)
    return counts


def _figures(totals: Floats, sizes: Floats) -> Floats:
    """(k, m): sums (k, S, m) over numbers of images (k, S), averaged over the strata."""
    means: Floats = (totals / sizes[:, :, None]).mean(axis=1)
    return means
