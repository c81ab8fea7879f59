"""What the figures of ``bench-bot`` come to, and their goals; arithmetic alone."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

from bench.bot_child import Taken
from bench.bot_processes import Run
from bench.bot_world import OTHER, THUMBNAILS

Json = dict[str, Any]

REQUESTS_GOAL: Final = 90
"""API requests for a thousand files, start-up included."""
TIME_GOAL: Final = 1.2
"""A further file costs at most so many times as much in a ten times longer run."""
MEMORY_GOAL: Final = 1.1
PACE_GOAL: Final = 1.15
CALM: Final = 0.05
"""Share of the bot's core that others may take while something is timed."""


@dataclass(frozen=True, slots=True)
class Size:
    """A run over so many files."""

    files: int
    run: Run
    requests: int

    def row(self) -> Json:
        """As it is written."""
        return {
            "files": self.files,
            "ms_a_file": round(1000 * self.run.taken.seconds / self.files, 3),
            **rounded(self.run.taken),
            "peak_process_mb": round(self.run.peak_process_mb, 1),
            "api_requests": self.requests,
        }


def rounded(taken: Taken) -> Json:
    """As it is written."""
    return {key: round(value, 2) for key, value in asdict(taken).items()}


def requests(files: int, kinds: Mapping[str, int], fewest: int) -> Json:
    """Requests by kind; held where they are few, none is for one page, and all kinds are known.

    ``fewest``: files that one of them named.
    """
    asked = sum(kinds.values()) - kinds.get(THUMBNAILS, 0)
    a_thousand = 1000 * asked / files
    held = a_thousand <= REQUESTS_GOAL and fewest > 1 and not kinds.get(OTHER)
    return {
        "files": files,
        "kinds": dict(kinds),
        "api_requests": asked,
        "api_requests_per_1000_files": round(a_thousand, 1),
        "goal": REQUESTS_GOAL,
        "fewest_files_named_by_a_request": fewest,
        "held": held,
    }


def growth(sizes: Sequence[Size]) -> Json:
    """How time and memory grow; ``sizes`` are three, each ten times the one before."""
    time = _times(sizes, lambda taken: taken.seconds)
    memory = sizes[-1].run.taken.peak_mb / sizes[0].run.taken.peak_mb
    return {
        "rows": [size.row() for size in sizes],
        "time_ratio": round(time, 3),
        "time_goal": TIME_GOAL,
        "processor_ratio": round(_times(sizes, lambda taken: taken.processor_s), 3),
        "memory_ratio": round(memory, 3),
        "memory_goal": MEMORY_GOAL,
        "held": time <= TIME_GOAL and memory <= MEMORY_GOAL,
    }


def _times(sizes: Sequence[Size], spent: Callable[[Taken], float]) -> float:
    """What a further file costs in the largest run by what it cost in the one before.

    Each is reckoned between two sizes: what a run of any size takes falls out.
    """
    slopes = [
        (spent(large.run.taken) - spent(small.run.taken)) / (large.files - small.files)
        for small, large in pairwise(sizes)
    ]
    return slopes[-1] / slopes[0]


@dataclass(frozen=True, slots=True)
class Lap:
    """A run, and the encoder alone after it, twice."""

    run: Run
    encode: Run
    """In calls of as many pictures as the run's."""
    at_once: Run
    """In one call, which the encoder cuts as it likes: what no bot that stores as it goes can."""

    @property
    def calm(self) -> bool:
        """Whether others left the core alone; how fast it was says nothing of that."""
        taken = (self.run.taken, self.encode.taken, self.at_once.taken)
        return all(one.others_s <= CALM * one.seconds for one in taken)

    @property
    def ratio(self) -> float:
        """Of the run to the encoder in the same calls."""
        return self.run.taken.seconds / self.encode.taken.seconds

    @property
    def ratio_at_once(self) -> float:
        """Of the run to the encoder in one call."""
        return self.run.taken.seconds / self.at_once.taken.seconds

    def row(self) -> Json:
        """As it is written."""
        return {
            "ratio": round(self.ratio, 3),
            "ratio_at_once": round(self.ratio_at_once, 3),
            "calm": self.calm,
            "run": rounded(self.run.taken),
            "encode": rounded(self.encode.taken),
            "encode_at_once": rounded(self.at_once.taken),
        }


def pace(laps: Sequence[Lap], files: int, requests: int) -> Json:
    """The bot's time as a multiple of the encoder's: the median of the calm laps.

    Where none was calm it is that of all, and ``calm`` is 0.
    """
    calm = [lap for lap in laps if lap.calm]
    median = statistics.median(lap.ratio for lap in calm or laps)
    at_once = statistics.median(lap.ratio_at_once for lap in calm or laps)
    return {
        "files": files,
        "api_requests_a_run": requests,
        "laps": [lap.row() for lap in laps],
        "calm": len(calm),
        "ratio": round(median, 3),
        "ratio_at_once": round(at_once, 3),
        "goal": PACE_GOAL,
        "held": median <= PACE_GOAL,
    }
