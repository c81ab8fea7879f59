"""The exact roll-up against a plain Python loop over precomputed ancestors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.graphs import Graph, layered, real, scores
from bench.measure import TIMING, Figure, ratio

FLAT: Final = 0.5
PEAKED: Final = 15.0
TOLERANCE: Final = 1e-6


def python_loop(scored: Sequence[float], lines: Sequence[tuple[int, ...]]) -> dict[int, float]:
    """The baseline: scans all values, adds each above 1e-9 to all ancestors of its item."""
    d: dict[int, float] = defaultdict(float)
    for p, line in zip(scored, lines, strict=True):
        if p > 1e-9:
            for a in line:
                d[a] += p
    return d


def on_18k() -> Iterator[Figure]:
    """The real graph."""
    graph = real()
    what = f"all {len(graph.parents):,} items of the source's table by the product's cut"
    yield from _figures("rollup_vs_python_loop_18k", graph, what, 300)


def on_135k() -> Iterator[Figure]:
    """A seeded random graph of EntityNet's size."""
    what = "a seeded random DAG of 135,000 items, a third with two parents"
    yield from _figures("rollup_vs_python_loop_135k", layered(), what, 100)


def _figures(name: str, graph: Graph, what: str, goal: float) -> Iterator[Figure]:
    sums = graph.roll_up(range(len(graph.parents)))
    where = f"{what}, {graph.mean_ancestors:.1f} ancestors an item, one image"
    for shape, spread, least in (("", FLAT, goal), ("_peaked", PEAKED, 0.9)):
        p = scores(len(graph.parents), spread)
        listed = p.tolist()
        _same(sums.masses(p), python_loop(listed, graph.lines))
        times, quick, long = ratio(
            partial(sums.masses, p), partial(python_loop, listed, graph.lines)
        )
        baseline = f"Python loop, {long * 1e3:.3g} ms against {quick * 1e3:.3g} ms"
        scored = f"softmax of N(0, {spread:g})"
        yield Figure(
            name + shape, times, "times as fast", baseline, f"{where}; {scored}; {TIMING}", least
        )


def _same(fast: NDArray[np.float64], slow: dict[int, float]) -> None:
    # the loop itself leaves out up to N · 1e-9
    slack = TOLERANCE + len(fast) * 1e-9
    worst = max(abs(float(mass) - slow.get(node, 0.0)) for node, mass in enumerate(fast))
    if worst > slack:
        raise AssertionError(f"the roll-ups differ by {worst:.2g}")
