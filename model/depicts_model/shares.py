"""Shares with what they are shares of, and the shares that a tally tells. Pure.

A share without anything to be a share of is None, and is said to be not measured yet; no share
goes without the number that it is a share of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import dropwhile
from typing import Final

from depicts_model.statistics import Statistics, Tally, together
from depicts_model.types import Age

SLACK: Final = 1e-9
"""Percent that a confidence may lack of a whole number and still be shown as it."""
_Z: Final = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None where there is nothing to be a share of."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share (Wilson 1927), which a few cases leave wide."""
        if not self.whole:
            return None
        share, spread = self.part / self.whole, _Z**2 / self.whole
        middle = (share + spread / 2) / (1 + spread)
        reach = _Z * math.sqrt(share * (1 - share) / self.whole + spread / self.whole / 4)
        reach /= 1 + spread
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True, slots=True)
class JudgedBin:
    """What became of suggestions whose confidence was from ``low`` up to ``high``."""

    low: float
    high: float
    tally: Tally


def acceptance(tally: Tally) -> Share:
    """Of what was shown, what somebody accepted: what was saved, as anybody can say that."""
    return Share(tally.confirmed, tally.shown)


def precision(tally: Tally) -> Share:
    """Of what somebody judged with an edit, what was right: a skip says nothing about it."""
    return Share(tally.confirmed, tally.confirmed + tally.refuted)


def taken_back(tally: Tally) -> Share:
    """Of the claims that were looked at again, those that were reverted or are gone."""
    return Share(tally.reverted, tally.judged)


def reverted(tally: Tally, age: Age) -> Share:
    """Of the claims that were looked at at this age, those that were reverted or are gone."""
    return Share(_by(tally, "reverted", age), _looked_at(tally, age))


def survival(tally: Tally, age: Age) -> Share:
    """Of the claims that were looked at at this age, those that stood as they were saved."""
    return Share(_by(tally, "standing", age), _looked_at(tally, age))


def _looked_at(tally: Tally, age: Age) -> int:
    return sum(_by(tally, fate, age) for fate in ("standing", "changed", "reverted"))


def _by(tally: Tally, fate: str, age: Age) -> int:
    count: int = getattr(tally, f"{fate}_{age.value}")
    return count


def coverage(statistics: Statistics) -> Share:
    """Of the files looked at, those with something suggested; what is skipped is not looked at."""
    suggested, nothing = (statistics.totals.get(kind, 0) for kind in ("suggested", "nothing"))
    return Share(suggested, suggested + nothing)


def bins(statistics: Statistics) -> tuple[JudgedBin, ...]:
    """The bins of confidence, from the first in which something was shown or saved."""
    count = len(statistics.bins)
    edges = ((n / count, (n + 1) / count) for n in range(count))
    made = (JudgedBin(*edge, tally) for edge, tally in zip(edges, statistics.bins, strict=True))
    return tuple(dropwhile(lambda one: not (one.tally.shown or one.tally.saved), made))


def altogether(statistics: Statistics) -> Tally:
    """What became of all suggestions, of items without a confidence too."""
    return together([*statistics.bins, statistics.unknown])


def whole_percent(share: float) -> int:
    """A share from 0 to 1 as it is shown, in percent: the number that it reaches.

    Cut, not rounded: what is shown as 80 passes a filter of 80, and 100 is said only of
    certainty. ``SLACK`` forgives that 0.29 times 100 is a little less than 29.
    """
    return math.floor(100 * share + SLACK)


def percent(share: float) -> str:
    """A share as it is written."""
    return f"{whole_percent(share)}%"


def span(low: float, high: float) -> str:
    """A bin of confidence as it is written, in percent."""
    return f"{100 * low:.0f}–{100 * high:.0f}"
