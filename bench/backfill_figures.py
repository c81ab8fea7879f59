"""What the figures of ``bench-backfill`` come to, and their goals; arithmetic alone."""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.backfill_watch import Seen

Json = dict[str, Any]

RATIO_GOAL: Final = 1.15
"""Ray with one worker takes at most so many times as long as the plain loop."""
TWO_GOAL: Final = 1.7
"""Two workers are at least so many times as fast as one."""
MEMORY_GOAL: Final = 1.1
"""Ten times as many photos take at most so many times as much memory."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A whole backfill's seconds."""

    start: float
    """From the begin of its process to the first photo that is opened: imports, models, Ray."""
    work: float
    """From there to the last manifest."""
    end: float
    """From there to the end of its process."""

    @classmethod
    def of(cls, begun: float, seen: Seen, ended: float) -> Taken:
        """By the clock of `time.monotonic`."""
        first, last = seen.opened[0][0], seen.finished[-1][0]
        return cls(first - begun, last - first, ended - last)

    def row(self) -> Json:
        """As it is written."""
        return {
            "start_s": round(self.start, 2),
            "work_s": round(self.work, 2),
            "end_s": round(self.end, 2),
        }


Lap = dict[str, Taken]
"""Ways to do the same, one after another."""


def compared(laps: Sequence[Lap], slow: str, quick: str) -> float:
    """How many times as long ``slow`` works as ``quick``: the median of the laps' own ratios."""
    return statistics.median(lap[slow].work / lap[quick].work for lap in laps)


def laps_row(laps: Sequence[Lap], files: int, shard_rows: int) -> Json:
    """What was timed."""
    ways = [*laps[0]]
    return {
        "files": files,
        "shard_rows": shard_rows,
        "laps": [{way: taken.row() for way, taken in lap.items()} for lap in laps],
        "work_ms_a_file": {way: _each(laps, way, files) for way in ways},
        "start_s": {
            way: round(statistics.median(lap[way].start for lap in laps), 2) for way in ways
        },
    }


def _each(laps: Sequence[Lap], way: str, files: int) -> float:
    return round(1000 * statistics.median(lap[way].work for lap in laps) / files, 3)


def at_most(value: float, goal: float) -> Json:
    """A ratio and its limit."""
    return {"ratio": round(value, 3), "goal": goal, "held": value <= goal}


def at_least(value: float, goal: float) -> Json:
    """The same from below."""
    return {"ratio": round(value, 3), "goal": goal, "held": value >= goal}


def repeats(seen: Seen, kills: Sequence[float]) -> tuple[list[int], int]:
    """Shards begun again by each kill, and those begun again without one in between."""
    counts, unexplained = [0] * len(kills), 0
    last: dict[int, float] = {}
    for at, shard in seen.begun:
        before = last.get(shard)
        last[shard] = at
        if before is None:
            continue
        # the first kill after it had been begun
        kill = bisect_left(kills, before)
        if kill < len(kills) and kills[kill] < at:
            counts[kill] += 1
        else:
            unexplained += 1
    return counts, unexplained


def finished_before(seen: Seen, moments: Sequence[float]) -> list[int]:
    """Shards that were finished at each moment."""
    ends = sorted(at for at, _ in seen.finished)
    return [bisect_left(ends, moment) for moment in moments]


def kills_row(counts: Collection[int], unexplained: int, same: bool, shard_rows: int) -> Json:
    """What kills cost; held where each cost a shard at the most, and the shards are the same."""
    worst = max(counts, default=0)
    return {
        "kills": len(counts),
        "shards_begun_again": [*counts],
        "most_files_encoded_again": worst * shard_rows,
        "begun_again_without_a_kill": unexplained,
        "same_bytes": same,
        "held": same and worst <= 1 and not unexplained,
    }
