"""What is published of the model, the crawl and the service: counts, as values. Pure.

What became of suggestions is in ``depicts_model.shares``: the bot tells of it too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depicts_model.types import Latency, RunRecord

EDGES: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
"""Milliseconds that the answers of a bucket took at the most; one more bucket has the rest."""
BUCKETS: Final = len(EDGES) + 1


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
