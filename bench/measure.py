"""Times two functions in turn, and the figure that comes of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

RUNS: Final = 5
TIMING: Final = "median of five runs in turn"
AT_LEAST: Final = 0.02
"""Seconds that a timing takes at least; what is faster is repeated."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the report."""

    name: str
    value: float
    unit: str
    baseline: str
    """What it is compared with, and how long that took."""
    conditions: str
    goal: float | None = None
    """The value that it should reach at least; None: it is recorded, and cannot miss."""
    at_most: bool = False
    """True where ``goal`` is a limit from above."""

    @property
    def missed(self) -> bool:
        """True on the wrong side of the goal."""
        if self.goal is None:
            return False
        return self.value > self.goal if self.at_most else self.value < self.goal

    @property
    def aim(self) -> str:
        """The goal in words."""
        if self.goal is None:
            return "recorded, no goal"
        return f"goal at {'most' if self.at_most else 'least'} {self.goal:g}"


class BenchmarkSkipped(Exception):  # noqa: N818 - nothing went wrong with what is measured
    """A benchmark cannot run here; the message says why."""


def ratio(fast: Callable[[], object], slow: Callable[[], object]) -> tuple[float, float, float]:
    """How many times faster, seconds of ``fast``, of ``slow``: medians of RUNS in turn."""
    often = _repeats(fast), _repeats(slow)
    pairs = [(_seconds(fast, often[0]), _seconds(slow, often[1])) for _ in range(RUNS)]
    quick, long = (statistics.median(side) for side in zip(*pairs, strict=True))
    return long / quick, quick, long


def _repeats(function: Callable[[], object]) -> int:
    """How often to call it for one timing; warms it up too."""
    function()
    return max(1, round(AT_LEAST / max(_seconds(function, 1), 1e-7)))


def _seconds(function: Callable[[], object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - start) / times
