"""What each step of a backfill takes on one core: what the cost model reckons with.

A part of bench-backfill; ``python -m bench.backfill_rates`` prints the row.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.backfill_host import LATENCY, host
from bench.backfill_photos import SIZE, photo
from bench.backfill_processes import ONE_THREAD
from bench.backfill_steps import SHARD, Step, Work
from bench.bot_processes import prepare
from depicts_bot.backfill.work import BATCH
from depicts_model.wiki.thumbnails import Thumbnails

Json = dict[str, Any]

LAPS: Final = 5
CONNECTIONS: Final = {"one_connection": 1, "two_connections": 2}
HERE: Final = "here"
CONDITIONS: Final = (
    f"a process on one processor with one thread of torch, {BATCH} generated JPEGs of"
    f" {SIZE[0]} × {SIZE[1]}; for each file the median of {LAPS} laps over all steps, after one"
    " that warms up; ms: by the clock, cpu_ms: of the processor. Download: the bot's own client, a"
    f" host on this machine that answers after {LATENCY:g} s; decode: bytes to views; encode: views"
    " to vectors; score: vectors to outcomes, rows and keys; store: a shard of"
    f" {SHARD * BATCH} rows and its manifest. tiny: the shipped model; large: a random ViT-B/32"
    " over 18,500 items. held: each photo arrived and was looked at"
)


def measured() -> Json:
    """The row, from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.backfill_rates", HERE],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        check=True,
    )
    row: Json = json.loads(done.stdout)
    return row


def main(words: Sequence[str]) -> int:
    """Measure and print; `HERE`: in this process, which has one thread."""
    print(json.dumps(_here() if [*words] == [HERE] else measured(), indent=1))
    return 0


def _here() -> Json:
    photos = [photo(number) for number in range(BATCH)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # begun before: they share our processors, and not the one that is ours alone
        prepare("model", folder)
        address = stack.enter_context(host(photos))
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        return _row(folder, address, photos, LAPS, stack)


def _row(folder: Path, address: str, photos: Sequence[bytes], laps: int, stack: ExitStack) -> Json:
    downloads = {name: partial(fetched, address, photos, n) for name, n in CONNECTIONS.items()}
    works = {"tiny": stack.enter_context(closing(Work.load(None, folder, photos)))}
    works["large"] = stack.enter_context(closing(Work.load(folder, folder, photos)))
    steps = {("download", name): Step(do, len(photos)) for name, do in downloads.items()}
    steps |= {(model, name): s for model, w in works.items() for name, s in w.steps().items()}
    row: Json = {"conditions": CONDITIONS, "files": len(photos), "laps": laps}
    row["photo_bytes"] = round(statistics.fmean(map(len, photos)))
    for (part, name), rate in rates(steps, laps).items():
        row.setdefault(part, {})[name] = rate
    for model, work in works.items():
        row[model]["row_bytes"] = work.row_bytes()
    return {**row, "held": all(work.looked_at() for work in works.values())}


def rates(steps: Mapping[Any, Step], laps: int) -> dict[Any, Json]:
    """Milliseconds a file of each step: the median of the laps, but for the first one."""
    timings = [{name: spent(step) for name, step in steps.items()} for _ in range(laps + 1)][1:]
    return {
        name: {
            unit: round(statistics.median(lap[name][n] for lap in timings), 4)
            for n, unit in enumerate(("ms", "cpu_ms"))
        }
        for name in steps
    }


def spent(step: Step) -> tuple[float, float]:
    """Milliseconds a file, by the clock and of the processor by all threads of this process."""
    clock, cpu = time.perf_counter(), time.process_time()
    step.work()
    told = time.perf_counter() - clock, time.process_time() - cpu
    return 1000 * told[0] / step.files, 1000 * told[1] / step.files


def fetched(address: str, photos: Sequence[bytes], connections: int) -> None:
    """All photos over so many connections; RuntimeError where one is not what was sent."""
    with Thumbnails("bench@example.org") as client, ThreadPoolExecutor(connections) as pool:
        urls = [f"http://{address}/{number}" for number in range(len(photos))]
        if [*pool.map(lambda url: client.fetch(url, address), urls)] != [*photos]:
            raise RuntimeError("other bytes than were sent")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
