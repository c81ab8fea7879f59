"""Kills of ``bench-backfill``: tasks' processes, actors and drivers, at moments drawn by a seed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.backfill_figures import finished_before, kills_row, repeats
from bench.backfill_measures import KEPT, Sizes, fingerprint, fresh, listing
from bench.backfill_photos import SEED
from bench.backfill_processes import Order, Process, begun, end, tree
from bench.backfill_watch import Seen, watching

Json = dict[str, Any]

LATEST: Final = 5.0
"""Seconds after work has gone on: the last moment of a kill."""
_LOOK: Final = 0.01
_SETTLED: Final = 0.02
"""Seconds until the kernel has told what the dead did last."""


DRIVER: Final = "driver"
TITLES: Final = {"worker": "ray::MapBatches", "actor": "ray::MapWorker"}
"""How Ray names the processes of tasks at work, and of actors."""


def kills(folder: Path, sizes: Sizes) -> Json:
    """Ten of each kind; the shards at the end are those of an undisturbed run, byte for byte."""
    order = Order(listing(folder, sizes.killed), folder, "ray", shard_rows=sizes.killed_rows)
    with fresh(order) as one:
        with begun(one) as process:
            process.wait()
        undisturbed = fingerprint(one.out)
    rows = {kind: _row(order, kind, sizes.kills, undisturbed) for kind in (*TITLES, DRIVER)}
    held = all(row["held"] for row in rows.values())
    return {"files": sizes.killed, "shard_rows": sizes.killed_rows, **rows, "held": held}


def _row(order: Order, kind: str, count: int, undisturbed: str) -> Json:
    tally = Tally()
    rng = np.random.default_rng((SEED, *kind.encode()))
    while len(tally.counts) < count:
        with fresh(order) as one, watching(KEPT, one.out) as seen:
            runs = Disturbed(one, kind, rng, seen)
            runs.finish(count - len(tally.counts))
            tally.add(runs, fingerprint(one.out) == undisturbed)
    return tally.row(order.shard_rows)


@dataclass(slots=True)
class Disturbed:
    """Runs over one list, from its begin to its end, and the kills among them."""

    order: Order
    kind: str
    rng: np.random.Generator
    seen: Seen
    moments: list[float] = field(default_factory=list)
    """Of the kills, by `time.monotonic`."""
    runs: int = 0
    ended_by_us: int = 0
    """Processes of killed drivers that were there after `backfill_processes.GONE`."""

    def finish(self, most: int) -> None:
        """Run again until all is done, and kill on the way ``most`` times at the most."""
        done = False
        while not done:
            self.runs += 1
            with begun(self.order) as process:
                self._disturb(process, most)
                done = process.wait() == 0

    def _disturb(self, process: subprocess.Popen[bytes], most: int) -> None:
        goes_on = _more(self.seen.opened)
        while len(self.moments) < most and _until(process, goes_on):
            time.sleep(self.rng.uniform(0, LATEST))
            if not _until(process, partial(self._kill, process)):
                return
            goes_on = _more(self.seen.begun)

    def _kill(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether there was one to kill."""
        everybody = tree(process.pid)
        driver = self.kind == DRIVER
        victims = everybody[:1] if driver else [one for one in everybody if self._is_meant(one)]
        if not victims or not victims[self.rng.integers(len(victims))].kill():
            return False
        time.sleep(_SETTLED)
        self.moments.append(time.monotonic())
        if driver:
            process.wait()
            self.ended_by_us += end(everybody)
        return True

    def _is_meant(self, process: Process) -> bool:
        return process.title().startswith(TITLES[self.kind])


def _more(moments: Sequence[object]) -> Callable[[], bool]:
    """Whether there are more of them than now."""
    now = len(moments)
    return lambda: len(moments) > now


def _until(process: subprocess.Popen[bytes], told: Callable[[], bool]) -> bool:
    """Wait for it; False where the process ends before."""
    while process.poll() is None:
        if told():
            return True
        time.sleep(_LOOK)
    return False


@dataclass(slots=True)
class Tally:
    """What the kills of one kind have cost."""

    counts: list[int] = field(default_factory=list)
    """Shards begun again, for each kill."""
    unexplained: int = 0
    finished: list[int] = field(default_factory=list)
    """Shards that were finished when each kill came."""
    opened_again: int = 0
    same: bool = True
    lists: int = 0
    runs: int = 0
    ended_by_us: int = 0

    def add(self, done: Disturbed, same: bool) -> None:
        """One list; raises RuntimeError where it was done before there was one to kill."""
        if not done.moments:
            raise RuntimeError(f"{done.kind}: nobody to kill: {done.runs} runs")
        counts, unexplained = repeats(done.seen, done.moments)
        self.counts += counts
        self.unexplained += unexplained
        self.finished += finished_before(done.seen, done.moments)
        self.opened_again += done.seen.opened_again()
        self.same = self.same and same
        self.lists, self.runs = self.lists + 1, self.runs + done.runs
        self.ended_by_us += done.ended_by_us

    def row(self, shard_rows: int) -> Json:
        """As it is written."""
        return {
            **kills_row(self.counts, self.unexplained, self.same, shard_rows),
            "shards_finished_before": self.finished,
            "photos_opened_again": self.opened_again,
            "lists": self.lists,
            "runs": self.runs,
            "ended_by_us": self.ended_by_us,
        }
