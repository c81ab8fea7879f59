"""`python -m bench [NAME …]`: a table, bars, and bench/latest.json."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bench.measure import BenchmarkSkipped, Figure

LATEST: Final = Path(__file__).with_name("latest.json")
WIDTH: Final = 40
"""Characters of the longest bar."""


def _on_18k() -> Iterator[Figure]:
    from bench import loop

    return loop.on_18k()


def _on_135k() -> Iterator[Figure]:
    from bench import loop

    return loop.on_135k()


def _pybioclip() -> Iterator[Figure]:
    from bench import peer

    return peer.on_tree()


BENCHMARKS: Final[dict[str, Callable[[], Iterator[Figure]]]] = {
    "rollup_vs_python_loop_18k": _on_18k,
    "rollup_vs_python_loop_135k": _on_135k,
    "rollup_vs_pybioclip": _pybioclip,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named benchmarks, or all; 1 where a figure misses its goal."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which of {', '.join(BENCHMARKS)}; all if none")
    names = parser.parse_args(arguments).name or list(BENCHMARKS)
    unknown = sorted({*names} - {*BENCHMARKS})
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    figures = [figure for name in names for figure in _run(name)]
    print(*table(figures), "", *bars(figures), sep="\n")
    _write(figures)
    return int(any(figure.value < figure.goal for figure in figures))


def _run(name: str) -> list[Figure]:
    try:
        return list(BENCHMARKS[name]())
    except BenchmarkSkipped as skipped:
        print(f"{name}: skipped: {skipped}", file=sys.stderr)
        return []


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """The figures as lines: name, value, goal, baseline, and below it the conditions."""
    for figure in figures:
        mark = "" if figure.value >= figure.goal else "  MISSED"
        value = f"{figure.value:10.4g} {figure.unit} (goal {figure.goal:g}){mark}"
        yield f"{figure.name:36}{value}; {figure.baseline}"
        yield f"    {figure.conditions}"


def bars(figures: Sequence[Figure]) -> Iterator[str]:
    """The figures drawn as bars on a logarithmic scale from 0.1; | marks each goal.

    Text, not an image: a few ratios are read at a glance in the terminal that ran them, and no
    library for plots has to be installed for it.
    """
    most = max((max(f.value, f.goal) for f in figures), default=1)
    for figure in figures:
        bar = "█" * _length(figure.value, most)
        goal = _length(figure.goal, most)
        drawn = bar.ljust(WIDTH + 1, "·")
        yield f"{figure.name:36}{drawn[:goal]}|{drawn[goal + 1 :]} {figure.value:.4g}"


def _length(value: float, most: float) -> int:
    return round(WIDTH * math.log(max(value, 0.1) / 0.1) / math.log(max(most, 1) / 0.1))


def _write(figures: Sequence[Figure]) -> None:
    """Put the figures into latest.json in place of older ones of their names."""
    rows = [asdict(figure) for figure in figures]
    for row in rows:
        row["conditions"] += f"; goal at least {row.pop('goal'):g}; median of five runs in turn"
    new = {row["name"] for row in rows}
    old = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.exists() else []
    kept = [row for row in old if row["name"] not in new]
    LATEST.write_text(json.dumps([*kept, *rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
