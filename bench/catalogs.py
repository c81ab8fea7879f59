"""How long catalogs take to build, and in how much memory."""

from __future__ import annotations

import csv
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import dumps
from bench.graphs import LAYERS, layered
from bench.measure import RUNS, Figure
from bench.running import Run, run

_SMALL, _LARGE = 100_000, 1_000_000
"""Lines of the two dumps."""
_LANGUAGES = ",".join(dumps.LANGUAGES)


@dataclass(frozen=True, slots=True)
class _Built:
    run: Run
    megabytes: float
    """Of the dump."""
    edges: int
    """Of its class graph."""
    catalog_mb: float


def of_135k() -> Iterator[Figure]:
    """Seconds and peak memory of a catalog of 135,000 items."""
    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder, "items.csv"), Path(folder, "catalog.sqlite")
        ancestors = _write_table(table)
        words = ("catalog", "build", "--source", "csv", table, "--out", out)
        built = [run(*words) for _ in range(RUNS)]
        checked = run("catalog", "check", out)
        size = out.stat().st_size / 1e6
    items = f"a table (CSV) of {sum(LAYERS):,} items with {ancestors:.1f} ancestors each"
    baseline = f"the command, median of {RUNS} runs; a file of {size:.0f} MB"
    conditions = f"{items}; catalog check of it: {_words(checked)}"
    seconds = statistics.median(one.seconds for one in built)
    yield Figure("catalog_135k_build", seconds, "s", baseline, conditions)
    memory = statistics.median(one.peak_mb for one in built)
    yield Figure("catalog_135k_build_memory", memory, "MB", baseline, conditions)


def _write_table(path: Path) -> float:
    """Write a table of items; how many ancestors they have on average."""
    graph = layered()
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        columns = ("p31", "p279", "broader_wordnet", "broader_other", "p18", "sitelinks")
        table.writerow(("qid", "label", "visual", *columns))
        for item, parents in enumerate(graph.parents):
            above = "|".join(f"Q{dumps.FIRST + parent}" for parent in parents)
            details = (f"Picture {item}.jpg", item % 300)
            names = (f"Q{dumps.FIRST + item}", f"thing {item}")
            table.writerow((*names, 1, "", above, "", "", *details))
    return graph.mean_ancestors


def of_dumps() -> Iterator[Figure]:
    """Peak memory of a dump of a million lines against that of a tenth of it."""
    small, large = _of_dump(_SMALL), _of_dump(_LARGE)
    ratio = large.run.peak_mb / small.run.peak_mb
    baseline = f"{_LARGE:,} lines: {_words(large.run)}; {_SMALL:,} lines: {_words(small.run)}"
    conditions = (
        f"generated dumps of {large.megabytes:.0f} and {small.megabytes:.0f} MB, one run each; "
        f"class graphs of {large.edges:,} and {small.edges:,} edges; languages {_LANGUAGES}; "
        f"catalogs of {large.catalog_mb:.0f} and {small.catalog_mb:.0f} MB"
    )
    yield Figure("catalog_dump_1m_lines", ratio, "times the memory", baseline, conditions)


def _of_dump(lines: int) -> _Built:
    with tempfile.TemporaryDirectory() as folder:
        dump, out = Path(folder, "dump.json"), Path(folder, "catalog.sqlite")
        edges = dumps.write(dump, lines)
        words = ("catalog", "build", "--source", "dump", dump, "--out", out)
        done = run(*words, "--languages", _LANGUAGES)
        return _Built(done, dump.stat().st_size / 1e6, edges, out.stat().st_size / 1e6)


def _words(one: Run) -> str:
    return f"{one.seconds:.0f} s, {one.peak_mb:.0f} MB"
