"""``make bench-backfill``: what an engine costs beside the plain loop, and what kills cost.

Each run is the command ``depicts-bot backfill`` in a process of its own, looked at from outside:
the kernel tells which photos are opened and which shards are written. Writes bench/backfill.json;
a part that is measured alone replaces its own key there. `CONDITIONS` is written there too.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from bench.backfill_kills import LATEST, kills
from bench.backfill_measures import (
    DAMAGED,
    SAMPLE,
    Sizes,
    damaged,
    memory,
    with_large,
    with_tiny,
)

Json = dict[str, Any]
Measure = Callable[[Path, Sizes], Json]

WRITTEN: Final = Path(__file__).with_name("backfill.json")
SMALL: Final = Sizes(400, 100, 1_000, 1, 1, killed=400, kills=2)
OTHERS: Final = {"import": "backfill_import", "rates": "backfill_rates"}
"""Parts in modules of their own, which tell their conditions in their rows."""
CONDITIONS: Final = {
    "all": (
        "`depicts-bot backfill` in fresh processes, one thread of torch in each; distinct generated"
        " JPEGs of 500 × 375 on the local disk; start_s: from the process's begin to the first"
        " photo that is opened, which is imports, models and Ray's own start, and is not counted;"
        " work_s: from there to the last manifest; end_s: from there to the process's end"
    ),
    "tiny": (
        "the shipped model, Ray with one worker and the plain loop in turn, all processes of either"
        " on one core; ratio: the median of the laps' own, Ray's work by the plain loop's"
    ),
    "large": (
        "the same with a random ViT-B/32 over 18,500 items; two_workers: Ray's work with one"
        " worker by its work with two, on two cores: a core for each worker"
    ),
    "memory": (
        "Ray with two workers, the shipped model: the most that the process and all that it began"
        f" hold together, looked at every {SAMPLE:g} s: Pss without shared memory, and each file of"
        " shared memory once; ratio: of many photos by few"
    ),
    "damaged": (
        f"{DAMAGED:.0%} of the photos truncated, a page of HTML, empty or missing; held where just"
        " these are failures, in rows and manifests, and each file has one row"
    ),
    "kills": (
        "SIGKILL to a task's process at work, an actor or the driver, at a moment drawn from the"
        f" {LATEST:g} s after work has gone on; a killed driver's command is given again when its"
        " processes have ended; a shard is begun again where its writing is; photos_opened_again"
        " counts views, too, which Ray has ready ahead and a driver takes with it"
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 where every goal is held, 1 where one is not."""
    parser = argparse.ArgumentParser(prog="bench.backfill", description=__doc__)
    parser.add_argument("--only", choices=MEASURES, action="append", help="measure this alone")
    parser.add_argument("--small", action="store_true", help="try it; nothing is written")
    told = parser.parse_args(arguments)
    # what was begun is ended, however this one ends
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    rows = {}
    for name in told.only or MEASURES:
        rows[name] = _shown(name, SMALL if told.small else Sizes())
        if not told.small:
            _write({name: rows[name]})
    return int(not all(row["held"] for row in rows.values()))


def _shown(name: str, sizes: Sizes) -> Json:
    begun = time.monotonic()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-backfill-") as folder:
        row = MEASURES[name](Path(folder), sizes)
    took = round(time.monotonic() - begun, 1)
    print(f"{'held    ' if row['held'] else 'NOT HELD'} {took:6.1f} s  {name}")
    print(json.dumps(row, indent=1), flush=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"at": at, "load_average_before": round(before, 2), "took_s": took, **row}


def _write(rows: Json) -> None:
    """Beside what other parts have written."""
    from bench.measure import machine  # torch: a large process would be forked

    old = json.loads(WRITTEN.read_text(encoding="utf-8")) if WRITTEN.exists() else {}
    parts = {name: old[name] for name in MEASURES if name in old} | rows
    ordered = {name: parts[name] for name in MEASURES if name in parts}
    held = len(ordered) == len(MEASURES) and all(row["held"] for row in ordered.values())
    report = {"machine": machine(), "conditions": CONDITIONS, "held": held, **ordered}
    WRITTEN.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _of(module: str) -> Measure:
    """A part that lies in a module of its own, imported where it runs."""

    def measured(_folder: Path, _sizes: Sizes) -> Json:
        cores = os.sched_getaffinity(0)
        try:
            row: Json = import_module(f"bench.{module}").measured()
        finally:
            # it may have bound us to one
            os.sched_setaffinity(0, cores)
        return row

    return measured


MEASURES: Final[dict[str, Measure]] = {
    "tiny": with_tiny,
    "large": with_large,
    "memory": memory,
    "damaged": damaged,
    "kills": kills,
    **{name: _of(module) for name, module in OTHERS.items() if find_spec(f"bench.{module}")},
}


if __name__ == "__main__":
    sys.exit(main())
