"""Retention on MariaDB at 5 million rows: how long it takes, and how long others wait meanwhile."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from bench.measure import BenchmarkSkipped, Figure
from depicts_model.store import OutcomeFilter, Store
from depicts_model.types import Decision, FileRef, Mid, Qid, Suggested, Suggestion, Verdict, mid_of
from tests import mariadb

FILES: Final = 500_000
SHOWN: Final = 4
"""Suggestions of an outcome."""
ITEMS: Final = 20_000
DECISIONS: Final = 1_500_000
MEMORY: Final = 256
PAUSE: Final = 0.05
"""Seconds between two pieces of other work."""
OLD, NEW, LONG_AGO = "old", "new", "'2026-01-01'"
NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
FILTERS: Final = (
    OutcomeFilter(),
    OutcomeFilter("suggested", None, 0.8),
    OutcomeFilter("failed"),
    OutcomeFilter(item=Qid("Q77"), confidence=0.6),
)

# the server's own sequences: a million rows in one statement
FILL: Final = (
    f"INSERT INTO run (id, kind, version, inputs, started, finished) VALUES"
    f" (1, 'bot', 'old', '{{}}', {LONG_AGO}, {LONG_AGO}), (2, 'bot', 'new', '{{}}', {LONG_AGO},"
    f" {LONG_AGO})",
    f"INSERT INTO file (id, mid, sha1, title, revision, uploaded, thumb_url) SELECT seq,"
    f" CONCAT('M', seq), SHA1(seq), CONCAT('File:', SHA1(seq), '.jpg'), seq, {LONG_AGO}, 't'"
    f" FROM seq_1_to_{FILES}",
    *(
        f"INSERT INTO outcome (id, file_id, run_id, model_version, kind, reason, error, at) SELECT"
        f" seq + {run - 1} * {FILES}, seq, {run}, '{version}', IF(seq % 100000 = 0, 'failed',"
        f" IF(seq % 2, 'suggested', 'nothing')), IF(seq % 2, NULL, 'not-sure'), 'network: down',"
        f" {LONG_AGO} + INTERVAL seq SECOND FROM seq_1_to_{FILES}"
        for run, version in ((1, OLD), (2, NEW))
    ),
    f"INSERT INTO suggestion (outcome_id, `rank`, qid, confidence, reasons, more_general,"
    f" more_specific) SELECT o.id, r.seq, CONCAT('Q', 1 + (o.id * 7 + r.seq) % {ITEMS}),"
    f" 0.5 + (o.id % 50) / 100, '[\"pixels\"]', '[]', '[]'"
    f" FROM outcome o JOIN seq_1_to_{SHOWN} r WHERE o.kind = 'suggested'",
    "INSERT INTO told (mid, outcome_id, kind, confidence) SELECT f.mid, o.id, o.kind,"
    " IF(o.kind = 'suggested', 0.5 + (o.id % 50) / 100, NULL)"
    " FROM outcome o JOIN file f ON f.id = o.file_id WHERE o.run_id = 2",
    f"INSERT INTO decision (mid, sha1, qid, verdict, `key`, at, model_version, confidence,"
    f" confirmed) SELECT CONCAT('M', 1 + seq % {FILES}), SHA1(1 + seq % {FILES}),"
    f" CONCAT('Q', 1 + seq % {ITEMS}), ELT(1 + seq % 4, 'accepted', 'skipped', 'rejected',"
    f" 'not-shown'), SHA1(seq), {LONG_AGO} + INTERVAL seq SECOND, 'new', 0.7,"
    f" seq % 2 = 0 FROM seq_1_to_{DECISIONS}",
    "ANALYZE TABLE file, outcome, suggestion, told, decision",
)


def of_5m_rows() -> Iterator[Figure]:
    """Seconds of ``prune``, the longest that a reader or writer waited meanwhile, the gallery."""
    if not mariadb.found():
        raise BenchmarkSkipped(mariadb.HOW)
    with (
        tempfile.TemporaryDirectory() as name,
        mariadb.running(Path(name), MEMORY) as server,
        Store.open(server.create("bench")) as store,
    ):
        server.carry_out(*FILL, database="bench")
        yield from _measured(store)


def _measured(store: Store) -> Iterator[Figure]:
    rows = _rows(store)
    pages = [_seconds(partial(store.browse, one, 24)) for one in FILTERS]
    quiet, busy = Others(store, 1), Others(store, 2)
    with quiet:
        time.sleep(10)
    with busy:
        start = time.perf_counter()
        gone = store.prune(NOW, rows)
        took = time.perf_counter() - start
    whole = f"MariaDB with a buffer of {MEMORY} MB, {rows:,} rows"
    deleted = (
        f"{sum(gone.values()):,} rows and {rows - _rows(store) - sum(gone.values()):,} of theirs"
    )
    yield Figure("prune_5m_rows", took, "s", f"{deleted} deleted", f"{whole}, once")
    yield Figure(
        "prune_5m_rows_others_wait",
        1000 * max(busy.waits),
        "ms",
        f"{1000 * max(quiet.waits):.0f} ms before; 99 % within {1000 * _most(busy):.0f} ms,"
        f" before {1000 * _most(quiet):.0f} ms",
        f"{whole}; the longest of {len(busy.waits):,} reads, requests, verdicts and outcomes",
    )
    told = ", ".join(f"{1000 * page:.1f}" for page in pages)
    yield Figure(
        "prune_5m_rows_gallery_page",
        1000 * max(pages),
        "ms",
        f"all: {told} ms",
        f"{whole}; the slowest of {len(pages)} first pages (any, kind and confidence, a rare kind,"
        " item and confidence), median of 5",
    )


def _rows(store: Store) -> int:
    counted = store.counts()
    names = ("files", "suggestions", "decisions", "suggested", "nothing", "skipped", "failed")
    return sum(counted[name] for name in names)


def _seconds(work: Callable[[], object]) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return statistics.median(once() for _ in range(5))


def _most(others: Others) -> float:
    return statistics.quantiles(others.waits, n=100)[-1]


@dataclass(slots=True)
class Others:
    """What else goes on: a reader, a person who asks and decides, a bot that saves."""

    store: Store
    number: int
    waits: list[float] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        run, turn = self.store.start_run("bench", f"others-{self.number}", {}), 0
        while not self._over.wait(PAUSE):
            turn += 1
            start = time.perf_counter()
            self._work(run, turn)
            self.waits.append(time.perf_counter() - start)

    def _work(self, run: int, turn: int) -> None:
        mid, version = mid_of(1 + turn * 997 % FILES), f"others-{self.number}"
        match turn % 4:
            case 0:
                self.store.latest(mid)
            case 1:
                self.store.request(mid_of(FILES + turn))
            case 2:
                said = Decision(mid, "a" * 40, Qid("Q1"), Verdict.SKIPPED, datetime.now(UTC))
                self.store.add_decisions(f"{version}-{turn}", [said], version)
            case _:
                self.store.save_batch(run, version, [(_file(mid), _outcome(mid, version))])


def _file(mid: Mid) -> FileRef:
    uploaded = NOW - timedelta(days=300)
    return FileRef(mid, f"File:{mid}.jpg", "a" * 40, int(mid[1:]), uploaded, "t")


def _outcome(mid: Mid, version: str) -> Suggested:
    return Suggested((Suggestion(mid, Qid("Q1"), 0.9, ("pixels",), (), (), version),))
