"""Times two functions in turn, and the figure that comes of it."""

from __future__ import annotations

import os
import platform
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

RUNS: Final = 5
TURNS: Final = 4
TIMING: Final = "median of five runs, each of both sides in turn four times"
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


@cache
def machine() -> str:
    """What figures depend on and no commit changes: the processor, its cores, torch's threads."""
    import torch

    about = Path("/proc/cpuinfo")
    told = about.read_text(encoding="utf-8") if about.exists() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    model = named[1] if named else platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores, {torch.get_num_threads()} threads of torch"


def ratio(fast: Callable[[], object], slow: Callable[[], object]) -> tuple[float, float, float]:
    """How many times faster, seconds of ``fast``, of ``slow``: medians of RUNS runs.

    A run times both in turn, TURNS times, and has a ratio of its own: a machine that slows down
    for some seconds slows both sides of it.
    """
    often = _repeats(fast), _repeats(slow)
    runs = [_run(fast, slow, often) for _ in range(RUNS)]
    times = statistics.median(long / quick for quick, long in runs)
    quick, long = (statistics.median(side) for side in zip(*runs, strict=True))
    return times, quick, long


def _run(
    fast: Callable[[], object], slow: Callable[[], object], often: tuple[int, int]
) -> tuple[float, float]:
    """Mean seconds of each."""
    turns = [(_seconds(fast, often[0]), _seconds(slow, often[1])) for _ in range(TURNS)]
    quick, long = (statistics.fmean(side) for side in zip(*turns, strict=True))
    return quick, long


def _repeats(function: Callable[[], object]) -> int:
    """How often to call it for one timing; warms it up too."""
    function()
    return max(1, round(AT_LEAST / max(_seconds(function, 1), 1e-7)))


def _seconds(function: Callable[[], object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - start) / times
