"""What an import of a million files does to the readers of the service; a part of bench-backfill.

The service of production over MariaDB answers at a steady pace, as in ``make load``, while
`depicts-bot import` stores shards. Runs alone, too: ``python -m bench.backfill_import --rows N``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from bench.load_client import Figures, Plan, Target, measure
from bench.load_service import LOAD_CPU, NAME, WEB_CPU, filled, served
from bench.web import VERSION, example_file, example_outcome
from depicts_bot.backfill import planning, shards
from depicts_model.catalog import Catalog
from depicts_model.linker.columns import embedded, row_of
from depicts_model.store import Store
from tests.deploy.mariadb import USER, missing, private_mariadb

Json = dict[str, Any]

ROWS: Final = 1_000_000
SHARD: Final = 5_000
DIM: Final = 64
FIRST: Final = 10_000_000
"""Numbers from here on are files of the shards; the service has others from the start."""
RATE: Final = 50.0
"""Requests a second."""
WINDOW: Final = 30.0
"""Seconds of which a 95th percentile is taken."""
GOAL_MS: Final = 50.0
CONDITIONS: Final = (
    f"shards of {SHARD:,} rows with four suggestions each, by `depicts-bot import --as-listed`"
    " under nice, which asks no wiki and is the faster for it; meanwhile"
    f" {RATE:g} requests a second, nine of ten reads, at fixed moments; gunicorn as production has"
    f" it on processor {WEB_CPU}; MariaDB, the import and the load on processor {LOAD_CPU}; the"
    f" 95th percentile of reads and of decisions in each {WINDOW:g} s, from the moment when a"
    " request was due to its last byte"
)


def measured(rows: int = ROWS) -> Json:
    """Import so many rows; held where no window's 95th percentile came to the goal."""
    os.sched_setaffinity(0, {LOAD_CPU})
    with tempfile.TemporaryDirectory(prefix="import") as name, ExitStack() as stack:
        folder = Path(name)
        server = stack.enter_context(private_mariadb(folder / "mariadb"))
        expected = filled(folder, server)
        write(folder, rows)
        _, address = stack.enter_context(served(folder, server))
        target, url = Target(*address), server.url(f"{USER}__{NAME}")
        quiet = asyncio.run(measure(target, Plan(RATE, WINDOW, expected, seed=1)))
        began = time.monotonic()
        windows = _meanwhile(started(folder, url), target, expected)
        took = time.monotonic() - began
        with Store.open(url) as store:
            stored = store.counts()["files"] - len(expected)
    return _row(rows, stored, took, quiet, windows)


def write(folder: Path, rows: int) -> None:
    """A finished backfill of so many rows at ``folder``/out."""
    plan = planning.Plan("of the benchmark", rows, SHARD, VERSION, "space", "5 40")
    plan.agree(folder / "out")
    with Catalog.open(folder / "catalog.sqlite") as catalog:
        base = pa.RecordBatch.from_pylist([_line(catalog, n) for n in range(SHARD)], embedded(DIM))
    for shard in plan.shards:
        first = FIRST + shard.number * SHARD
        numbers = range(first, first + min(SHARD, rows - shard.number * SHARD))
        shards.write(folder / "out", shard.name, [_renamed(base, numbers)], embedded(DIM), VERSION)


def _line(catalog: Catalog, number: int) -> Json:
    file = example_file(number + 1)
    told = {"title": file.title, "revision": file.revision, "uploaded": file.uploaded}
    told |= {"thumb_url": file.thumb_url, "vector": np.full(DIM, 0.125, np.float32)}
    return {
        **told,
        "mid": file.mid,
        "sha1": file.sha1,
        "key": bytes(16),
        **row_of(example_outcome(catalog, number + 1)),
    }


def _renamed(base: pa.RecordBatch, numbers: range) -> pa.RecordBatch:
    columns = {name: base.column(name)[: len(numbers)] for name in base.schema.names}
    columns["mid"] = pa.array([f"M{n}" for n in numbers])
    columns["sha1"] = pa.array([f"{n:040x}" for n in numbers])
    columns["key"] = pa.array([n.to_bytes(16) for n in numbers], pa.binary(16))
    return pa.RecordBatch.from_arrays([*columns.values()], schema=base.schema)


def started(folder: Path, url: str) -> subprocess.Popen[bytes]:
    """The import, on the processor that we are on, and as nice as the documentation says."""
    program = ["nice", sys.executable, "-c", "from depicts_bot.cli import main; main()"]
    settings = {"DEPICTS_DATABASE_URL": url, "DEPICTS_CATALOG": f"{folder}/catalog.sqlite"}
    return subprocess.Popen(
        [*program, "import", "--as-listed", str(folder / "out")],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
    )


def _meanwhile(
    importing: subprocess.Popen[bytes], target: Target, expected: dict[int, list[str]]
) -> list[Figures]:
    """What the service did in each window until the import ended; RuntimeError if it failed."""
    windows: list[Figures] = []
    try:
        while importing.poll() is None:
            plan = Plan(RATE, WINDOW, expected, seed=len(windows) + 2)
            windows.append(asyncio.run(measure(target, plan)))
            worst = max(windows[-1].reads.p95_ms, windows[-1].decisions.p95_ms)
            print(f"import: {len(windows) * WINDOW:.0f} s, p95 {worst:.1f} ms", file=sys.stderr)
    finally:
        importing.terminate()
    if importing.wait():
        raise RuntimeError(f"the import ended with {importing.returncode}")
    return windows


def _row(rows: int, stored: int, took: float, quiet: Figures, windows: Sequence[Figures]) -> Json:
    p95s = [max(one.reads.p95_ms, one.decisions.p95_ms) for one in windows]
    errors = sum(one.errors for one in windows)
    return {
        "conditions": CONDITIONS,
        "rows": rows,
        "stored": stored,
        "seconds": round(took, 1),
        "rows_a_second": round(rows / took, 1),
        "requests": round(RATE * WINDOW * len(windows)),
        "errors": errors,
        "p95_ms_before": max(quiet.reads.p95_ms, quiet.decisions.p95_ms),
        "p95_ms_worst_window": max(p95s),
        "worst_ms": max(max(one.reads.max_ms, one.decisions.max_ms) for one in windows),
        "goal_p95_ms": GOAL_MS,
        "held": max(p95s) < GOAL_MS and not errors and stored == rows,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 where the goal is held."""
    parser = argparse.ArgumentParser(prog="bench.backfill_import", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    told = parser.parse_args(arguments)
    if lacking := missing():
        print(f"error: needs {', '.join(lacking)}", file=sys.stderr)
        return 2
    row = measured(told.rows)
    print(json.dumps(row, indent=1))
    return int(not row["held"])


if __name__ == "__main__":
    sys.exit(main())
