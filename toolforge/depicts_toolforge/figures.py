"""What is published of how good the suggestions are: counts and shares, as values. Pure.

A share without anything to be a share of is None, and is said to be not measured yet; no share
goes without the number that it is a share of.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile
from typing import Final

from depicts_model.statistics import Statistics, Tally
from depicts_model.statistics import together as summed
from depicts_model.types import Latency, Pause, RunRecord

EDGES: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
"""Milliseconds that the answers of a bucket took at the most; one more bucket has the rest."""
BUCKETS: Final = len(EDGES) + 1
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
    """Verdicts on suggestions whose confidence was from ``low`` up to ``high``."""

    low: float
    high: float
    tally: Tally


def acceptance(tally: Tally) -> Share:
    """Of what was shown, what somebody accepted: what was saved, as anybody can say that."""
    return Share(tally.confirmed, tally.shown)


def precision(tally: Tally) -> Share:
    """Of what somebody judged with an edit, what was right: a skip says nothing about it."""
    return Share(tally.confirmed, tally.confirmed + tally.refuted)


def bins(statistics: Statistics) -> tuple[JudgedBin, ...]:
    """The bins of confidence, from the first in which something was shown."""
    count = len(statistics.bins)
    edges = ((n / count, (n + 1) / count) for n in range(count))
    made = (JudgedBin(*edge, tally) for edge, tally in zip(edges, statistics.bins, strict=True))
    return tuple(dropwhile(lambda one: not one.tally.shown, made))


def altogether(statistics: Statistics) -> Tally:
    """All verdicts, those on items without a confidence too."""
    return summed([*statistics.bins, statistics.unknown])


def reverted(pauses: Iterable[Pause]) -> tuple[Share, ...]:
    """Reverted of saved statements, of the classes that were paused for it."""
    return tuple(Share(one.reverted, one.saved) for one in pauses if one.saved)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A row of the model's reliability table: what it showed of photos kept back."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean of what was said."""
    precision: float
    """Share that was right, weighted as the model's card says."""


@dataclass(frozen=True, slots=True)
class Model:
    """What the model says of itself."""

    version: str
    demo: bool
    target: float | None
    """Precision that its display threshold was chosen for."""
    reliability: tuple[HeldOut, ...]


@dataclass(frozen=True, slots=True)
class Crawl:
    """A run of the bot: files by the kind of their outcome."""

    day: str
    counts: Mapping[str, int]


def crawls(runs: Iterable[RunRecord]) -> tuple[Crawl, ...]:
    """The runs that ended, oldest first. Counts come by kind, or by kind and reason."""
    ended = sorted((run for run in runs if run.finished), key=lambda run: run.id)
    return tuple(Crawl(_day(run.started), _by_kind(run.counts)) for run in ended)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}"


def _by_kind(counts: Mapping[str, int]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for name, count in counts.items():
        found[name.partition(":")[0]] += count
    return found


@dataclass(frozen=True, slots=True)
class Route:
    """Answers of one route by how long they took; ``counts``: by bucket."""

    route: str
    counts: tuple[int, ...]


def routes(latencies: Iterable[Latency]) -> tuple[Route, ...]:
    """The routes, that with most answers first; counts of unknown buckets are left out."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0] * BUCKETS)
    for one in latencies:
        if 0 <= one.bucket < BUCKETS:
            found[one.route][one.bucket] += one.count
    made = (Route(name, tuple(counts)) for name, counts in found.items())
    return tuple(sorted(made, key=lambda one: (-sum(one.counts), one.route)))


def together(found: Iterable[Route]) -> tuple[int, ...]:
    """All routes' answers by bucket."""
    return tuple(map(sum, zip(*(one.counts for one in found), strict=True)))


def within(counts: Sequence[int], share: float) -> tuple[float, bool]:
    """The edge below which this share of the answers lies, in milliseconds.

    False beside it where that is beyond the last edge: then it took longer. Nothing counted: 0.
    """
    wanted, seen = share * sum(counts), 0
    if not wanted:
        return 0.0, True
    for edge, count in zip(EDGES, counts, strict=False):
        seen += count
        if seen >= wanted:
            return edge, True
    return EDGES[-1], False
