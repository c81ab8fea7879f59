"""`python -m bench [NAME …]`: a table, bars, and bench/latest.json."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Final

from bench.measure import BenchmarkSkipped, Figure, machine

LATEST: Final = Path(__file__).with_name("latest.json")
WIDTH: Final = 40
"""Characters of the longest bar."""


BENCHMARKS: Final = {
    "rollup_vs_python_loop_18k": "loop:on_18k",
    "rollup_vs_python_loop_18k_mended": "loop:on_18k_mended",
    "rollup_vs_python_loop_135k": "loop:on_135k",
    "rollup_vs_pybioclip": "peer:on_tree",
    "catalog_135k_build": "catalogs:of_135k",
    "catalog_dump_1m_lines": "catalogs:of_dumps",
    "encoder_precision": "encoders:on_vit",
    "pipeline_overhead": "linking:overhead",
    "linking_throughput": "linking:throughput",
    "web_pss_mb": "web:memory",
    "first_answer_s": "first_answer:on_demand",
    "prune_5m_rows": "prune:of_5m_rows",
}
"""Each in a module of its own, imported only where it runs."""
_BOTH_SHAPES: Final = ("", "_peaked")
_ENDINGS: Final = {
    "rollup_vs_python_loop_18k": _BOTH_SHAPES,
    "rollup_vs_python_loop_18k_mended": _BOTH_SHAPES,
    "rollup_vs_python_loop_135k": _BOTH_SHAPES,
    "catalog_135k_build": ("", "_memory"),
    "encoder_precision": ("_bfloat16", "_bfloat16_cosine"),
    "prune_5m_rows": ("", "_others_wait", "_gallery_page"),
}
"""What its figures' names add to the name of a benchmark that gives several."""


def names_of(benchmark: str) -> list[str]:
    """The names of its figures, in their order."""
    return [benchmark + ending for ending in _ENDINGS.get(benchmark, ("",))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named benchmarks, or all; 1 where a figure misses its goal or none could be taken."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which of {', '.join(BENCHMARKS)}; all if none")
    names = parser.parse_args(arguments).name or list(BENCHMARKS)
    unknown = sorted({*names} - {*BENCHMARKS})
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    runs = {name: _told(name) for name in names}
    figures = [figure for found in runs.values() for figure in found]
    print("", *bars(figures), sep="\n")
    return int(not all(runs.values()) or any(figure.missed for figure in figures))


def _told(name: str) -> list[Figure]:
    """Its figures, said and written down at once: the next benchmark may take minutes."""
    figures = _run(name)
    for line in table(figures):
        print(line, flush=True)
    _write(figures, names_of(name))
    return figures


def _run(name: str) -> list[Figure]:
    """Its figures; none where it was skipped."""
    try:
        module, function = BENCHMARKS[name].split(":")
        figures = list(getattr(import_module(f"bench.{module}"), function)())
    except BenchmarkSkipped as skipped:
        print(f"{name}: skipped: {skipped}", file=sys.stderr)
        return []
    if [figure.name for figure in figures] != names_of(name):
        raise AssertionError(f"{name}: gives other figures than {', '.join(names_of(name))}")
    return figures


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """The figures as lines: name, value, goal, baseline, and below it the conditions."""
    for figure in figures:
        mark = "  MISSED" if figure.missed else ""
        value = f"{figure.value:10.4g} {figure.unit} ({figure.aim}){mark}"
        yield f"{figure.name:40}{value}; {figure.baseline}"
        yield f"    {figure.conditions}"


def bars(figures: Sequence[Figure]) -> Iterator[str]:
    """The figures drawn as bars on a logarithmic scale from 0.1; | marks each goal.

    Text, not an image: a few ratios are read at a glance in the terminal that ran them, and no
    library for plots has to be installed for it.
    """
    most = max((max(f.value, f.goal or 0) for f in figures), default=1)
    for figure in figures:
        drawn = ("█" * _length(figure.value, most)).ljust(WIDTH + 1, "·")
        if figure.goal is not None:
            goal = _length(figure.goal, most)
            drawn = f"{drawn[:goal]}|{drawn[goal + 1 :]}"
        yield f"{figure.name:40}{drawn} {figure.value:.4g}"


def _length(value: float, most: float) -> int:
    return round(WIDTH * math.log(max(value, 0.1) / 0.1) / math.log(max(most, 1) / 0.1))


def _write(figures: Sequence[Figure], names: Sequence[str]) -> None:
    """Put the figures into latest.json in place of older ones of ``names``.

    A skipped benchmark leaves no row: an older one would look like a figure of this run.
    """
    rows = [_row(figure) for figure in figures]
    old = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.exists() else []
    kept = [row for row in old if row["name"] not in names]
    LATEST.write_text(json.dumps([*kept, *rows], indent=1) + "\n", encoding="utf-8")


def _row(figure: Figure) -> dict[str, object]:
    row = {key: value for key, value in asdict(figure).items() if key not in ("goal", "at_most")}
    return row | {"conditions": f"{figure.conditions}; {figure.aim}; {machine()}"}


if __name__ == "__main__":
    sys.exit(main())
