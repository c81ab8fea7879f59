"""Plots as marks on a canvas, from values; the template ``plot.svg`` draws them. Pure.

No text of a reader or of the wiki is in a picture: what has a label stands in a table. A picture
is the same for the same values, needs no script, and follows the reader's colours by itself.

Why not a library: pygal, the one in pure Python, costs 2 MB in each process, hooks itself into
Python's imports by an interface that 3.12 removed (a warning on 3.11), and two thirds of a
picture of its are for scripts that our pages must not run (2026-11-21).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from depicts_model.shares import JudgedBin, Share, acceptance, precision, span, survival
from depicts_model.statistics import ONE_IN_TEN, Tally
from depicts_model.types import Age
from depicts_toolforge.figures import Crawl, HeldOut

TEMPLATE: Final = "plot.svg"
MEDIA_TYPE: Final = "image/svg+xml"
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""A picture's own style, and nothing else: it is opened as a page where somebody asks for it."""
WIDTH: Final = 380
HEIGHT: Final = 260
"""Pixels; scaled to the page's width."""
LEFT: Final = 52
RIGHT: Final = 360
TOP: Final = 10
BOTTOM: Final = 204
"""Of the field that the marks are in."""
KINDS: Final = ("suggested", "nothing", "skipped", "failed")
FEWEST: Final = 4
"""Bars that have room at the least: one alone is no wall."""
MOST_LABELS: Final = 6
_GAP: Final = 0.2
"""Share of a bar's place that is left free."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the field or a place below it, with what is written there."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; ``series`` chooses its colour."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Whisker:
    """An interval on a bar."""

    x: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined by a line, ``dots`` on them."""

    points: tuple[tuple[float, float], ...]
    series: int
    dots: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn, in pixels from the upper left corner."""

    rows: tuple[Tick, ...]
    """Along the upright axis."""
    columns: tuple[Tick, ...]
    legend: tuple[str, ...] = ()
    """Names of the series, in their order."""
    bars: tuple[Bar, ...] = ()
    whiskers: tuple[Whisker, ...] = ()
    lines: tuple[Line, ...] = ()


def verdicts(bins: Sequence[JudgedBin]) -> Picture:
    """Acceptance and precision by confidence, each with its 95 % interval."""
    return _by_confidence(bins, ("accepted of shown", "right of judged"), acceptance, precision)


def kept(bins: Sequence[JudgedBin]) -> Picture:
    """What stood as it was saved after 7 and after 30 days, by confidence, with its interval."""
    ages = [lambda tally, age=age: survival(tally, age) for age in Age]
    return _by_confidence(bins, tuple(f"stands after {age.value} days" for age in Age), *ages)


def _by_confidence(
    bins: Sequence[JudgedBin], legend: tuple[str, ...], *shares: Callable[[Tally], Share]
) -> Picture:
    """A bar for each of two shares beside each other."""
    pairs = [[share(one.tally) for share in shares] for one in bins]
    places = [
        (place + side * width / 2, width / 2, share, side)
        for (place, width), pair in zip(_places(len(bins)), pairs, strict=True)
        for side, share in enumerate(pair)
    ]
    return Picture(
        _share_rows(),
        _below([span(one.low, one.high) for one in bins], MOST_LABELS),
        legend,
        tuple(_bar(x, width, share.value or 0, side) for x, width, share, side in places),
        tuple(_whiskers((x + width / 2, share) for x, width, share, _ in places)),
    )


def reliability(rows: Sequence[HeldOut]) -> Picture:
    """What was right by what was said, and the line on which the two are the same."""
    points = tuple((_across(row.confidence), _up(row.precision)) for row in rows)
    same = ((_across(0), _up(0)), (_across(1), _up(1)))
    columns = tuple(Tick(_across(n / 5), f"{20 * n}%") for n in range(6))
    lines = (Line(same, 1, dots=False), Line(points, 0))
    return Picture(_share_rows(), columns, ("right", "as it was said"), lines=lines)


def reverts(shares: Sequence[Share]) -> Picture:
    """Reverted of saved by class, numbered as in the table, and the share that pauses one."""
    placed = list(zip(_places(len(shares)), shares, strict=True))
    limit = Line(((LEFT, _up(ONE_IN_TEN)), (RIGHT, _up(ONE_IN_TEN))), 1, dots=False)
    return Picture(
        _share_rows(),
        _below([str(n) for n in range(1, len(shares) + 1)], MOST_LABELS),
        ("reverted of saved", "one in ten"),
        tuple(_bar(x, width, share.value or 0, 0) for (x, width), share in placed),
        tuple(_whiskers((x + width / 2, share) for (x, width), share in placed)),
        (limit,),
    )


def crawl(runs: Sequence[Crawl]) -> Picture:
    """Files by run, oldest first, by what became of them, one kind on the other."""
    rows, most = _count_rows(max((sum(_of(run.counts)) for run in runs), default=0))
    bars = [
        _bar(x, width, count / most, series, below / most)
        for (x, width), run in zip(_places(len(runs)), runs, strict=True)
        for series, (count, below) in enumerate(_stacked(_of(run.counts)))
        if count
    ]
    days = _below([run.day for run in runs], MOST_LABELS)
    return Picture(rows, days, KINDS, tuple(bars))


def latency(edges: Sequence[float], counts: Sequence[int]) -> Picture:
    """Answers by how long they took, in milliseconds."""
    rows, most = _count_rows(max(counts, default=0))
    places = zip(_places(len(counts)), counts, strict=True)
    bars = tuple(_bar(x, width, count / most, 0) for (x, width), count in places)
    labels = [*(f"{edge:g}" for edge in edges), "more"]
    return Picture(rows, _below(labels, MOST_LABELS), ("answers, by milliseconds",), bars)


def _across(share: float) -> float:
    return LEFT + share * (RIGHT - LEFT)


def _up(share: float) -> float:
    return BOTTOM - share * (BOTTOM - TOP)


def _places(count: int) -> list[tuple[float, float]]:
    """Left edge and width of each of so many bars."""
    each = (RIGHT - LEFT) / max(FEWEST, count)
    return [(LEFT + each * (n + _GAP / 2), each * (1 - _GAP)) for n in range(count)]


def _bar(x: float, width: float, share: float, series: int, below: float = 0.0) -> Bar:
    top = _up(below + share)
    return Bar(x, top, width, _up(below) - top, series)


def _whiskers(shares: Iterable[tuple[float, Share]]) -> Iterable[Whisker]:
    for x, share in shares:
        if share.interval:
            low, high = share.interval
            yield Whisker(x, _up(low), _up(high))


def _of(counts: Mapping[str, int]) -> list[int]:
    return [counts.get(kind, 0) for kind in KINDS]


def _stacked(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Each count with the sum of those below it."""
    return list(zip(counts, accumulate(counts, initial=0), strict=False))


def _share_rows() -> tuple[Tick, ...]:
    return tuple(Tick(_up(n / 5), f"{20 * n}%") for n in range(6))


def _count_rows(most: int) -> tuple[tuple[Tick, ...], int]:
    """At most six lines at round numbers, and the highest of them, which ``most`` is not above."""
    least = max(1, math.ceil(most / 5))
    power: int = 10 ** (len(str(least)) - 1)
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= least)
    count = max(1, math.ceil(most / step))
    return tuple(Tick(_up(n / count), f"{n * step:,}") for n in range(count + 1)), count * step


def _below(labels: Sequence[str], most: int) -> tuple[Tick, ...]:
    """Labels below the middles of bars, evenly thinned out to ``most``: more would overlap."""
    every = max(1, math.ceil(len(labels) / most))
    places = _places(len(labels))
    middles = [(x + width / 2, words) for (x, width), words in zip(places, labels, strict=True)]
    return tuple(Tick(x, words) for x, words in middles[::every])
