"""The measures of ``bench-backfill`` that nobody disturbs: time, memory, damaged photos."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow.parquet as pq

from bench.backfill_figures import (
    MEMORY_GOAL,
    RATIO_GOAL,
    TWO_GOAL,
    Lap,
    Taken,
    at_least,
    at_most,
    compared,
    laps_row,
)
from bench.backfill_photos import SEED, damage, photos, write_list
from bench.backfill_processes import Order, begun, memory_mb, tree
from bench.backfill_watch import watching
from bench.bot_processes import prepare

Json = dict[str, Any]

KEPT: Final = Path("var/backfill") / f"photos-{SEED}"
"""Photos stay there for the next run."""
WAYS: Final[dict[str, Json]] = {
    "plain": {"cores": 1},
    "ray": {"engine": "ray", "cores": 1},
    "ray_two": {"engine": "ray", "workers": 2, "cores": 2},
}
"""A processor for each worker, so that one alone cannot do the half of its work on another."""
SAMPLE: Final = 0.5
"""Seconds between two looks at the memory."""
DAMAGED: Final = 0.01


@dataclass(frozen=True, slots=True)
class Sizes:
    """Photos of each measure; smaller ones try the benchmark itself."""

    tiny: int = 2_000
    large: int = 400
    many: int = 20_000
    tiny_laps: int = 2
    large_laps: int = 3
    tiny_rows: int = 100
    """Of a shard."""
    large_rows: int = 25
    killed: int = 1_000
    killed_rows: int = 25
    """So that there are more shards than ten kills can reach."""
    kills: int = 10


def with_tiny(folder: Path, sizes: Sizes) -> Json:
    """The shipped model: Ray with one worker, and the plain loop."""
    order = Order(listing(folder, sizes.tiny), folder, "plain", shard_rows=sizes.tiny_rows)
    laps, same = _laps(order, {way: WAYS[way] for way in ("plain", "ray")}, sizes.tiny_laps)
    figure = at_most(compared(laps, "ray", "plain"), RATIO_GOAL)
    row = laps_row(laps, sizes.tiny, sizes.tiny_rows)
    return {**row, **figure, "same_bytes": same, "held": figure["held"] and same}


def with_large(folder: Path, sizes: Sizes) -> Json:
    """A random ViT-B/32: the same, and Ray with two workers."""
    prepare("model", folder)
    files = listing(folder, sizes.large)
    order = Order(files, folder, "plain", 1, sizes.large_rows, folder)
    laps, same = _laps(order, WAYS, sizes.large_laps)
    one = at_most(compared(laps, "ray", "plain"), RATIO_GOAL)
    two = at_least(compared(laps, "ray", "ray_two"), TWO_GOAL)
    row = laps_row(laps, sizes.large, sizes.large_rows)
    held = one["held"] and two["held"] and same
    return {**row, "one_worker": one, "two_workers": two, "same_bytes": same, "held": held}


def _laps(order: Order, ways: dict[str, Json], count: int) -> tuple[list[Lap], bool]:
    """Each way in turn, ``count`` times; and whether all gave the same bytes."""
    laps: list[Lap] = []
    made: set[str] = set()
    for _ in range(count):
        lap: Lap = {}
        for way, changes in ways.items():
            with fresh(replace(order, **changes)) as one:
                lap[way] = timed(one)
                made.add(fingerprint(one.out))
        laps.append(lap)
    return laps, len(made) == 1


def timed(order: Order) -> Taken:
    """One whole backfill."""
    since = time.monotonic()
    with watching(KEPT, order.out) as seen, begun(order) as process:
        process.wait()
        ended = time.monotonic()
    return Taken.of(since, seen, ended)


def memory(folder: Path, sizes: Sizes) -> Json:
    """The most that Ray and its processes hold, for few photos and for ten times as many."""
    peaks = {count: _peak(folder, count, sizes) for count in (sizes.tiny, sizes.many)}
    figure = at_most(peaks[sizes.many] / peaks[sizes.tiny], MEMORY_GOAL)
    told = {str(count): round(peak, 1) for count, peak in peaks.items()}
    return {"shard_rows": sizes.tiny_rows, "peak_mb": told, **figure}


def _peak(folder: Path, count: int, sizes: Sizes) -> float:
    order = Order(listing(folder, count), folder, "ray", 2, sizes.tiny_rows)
    with fresh(order) as one, begun(one) as process:
        return _watched(process)


def _watched(process: subprocess.Popen[bytes]) -> float:
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_mb(tree(process.pid)))
        time.sleep(SAMPLE)
    return peak


def damaged(folder: Path, sizes: Sizes) -> Json:
    """Of all photos one in a hundred is damaged: each is counted, and no other is."""
    whole = photos(KEPT, sizes.tiny)
    paths, numbers = damage(whole, folder / "damaged", DAMAGED)
    files = write_list(folder / "damaged.parquet", paths)
    order = Order(files, folder, "ray", shard_rows=sizes.tiny_rows)
    with fresh(order) as one:
        timed(one)
        return _counted(one.out, len(paths), {f"M{number + 1}" for number in numbers})


def _counted(out: Path, listed: int, expected: set[str]) -> Json:
    paths = sorted(out.glob("part-*.parquet"))
    rows = pq.read_table(paths, columns=["mid", "kind"]).to_pylist()
    failed = {row["mid"] for row in rows if row["kind"] == "failed"}
    counts: Counter[str] = Counter()
    for path in sorted(out.glob("part-*.json")):
        counts.update(json.loads(path.read_text(encoding="utf-8"))["counts"])
    in_manifests = sum(n for kind, n in counts.items() if kind.startswith("failed"))
    once = len(rows) == listed == len({row["mid"] for row in rows}) == counts["listed"]
    return {
        "files": listed,
        "damaged": len(expected),
        "failed_in_manifests": in_manifests,
        "failed_rows": len(failed),
        "each_file_once": once,
        "held": once and failed == expected and in_manifests == len(expected),
    }


def listing(folder: Path, count: int) -> Path:
    """A list of so many photos."""
    return write_list(folder / f"{count}.parquet", photos(KEPT, count))


def fingerprint(out: Path) -> str:
    """Of all shards and manifests, with their names; a work file of somebody killed is neither."""
    digest = hashlib.sha256()
    for path in sorted([*out.glob("part-*.parquet"), *out.glob("part-*.json")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


@contextmanager
def fresh(order: Order) -> Iterator[Order]:
    """The same with an empty place of its own, which is thrown away."""
    with TemporaryDirectory(dir=order.out) as name:
        yield replace(order, out=Path(name))
