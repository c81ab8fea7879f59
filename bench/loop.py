"""The exact roll-up against a plain Python loop over precomputed ancestors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.graphs import MENDED, Graph, layered, real, scores
from bench.measure import TIMING, Figure, ratio

FLAT: Final = 0.5
PEAKED: Final = 15.0
TOLERANCE: Final = 1e-6
CUT: Final = 1e-9
"""What the baseline leaves out."""


def python_loop(
    scored: Sequence[float], lines: Sequence[tuple[int, ...]], cut: float = CUT
) -> dict[int, float]:
    """The baseline: scans all values, adds each above ``cut`` to all ancestors of its item."""
    d: dict[int, float] = defaultdict(float)
    for p, line in zip(scored, lines, strict=True):
        if p > cut:
            for a in line:
                d[a] += p
    return d


def on_18k() -> Iterator[Figure]:
    """The real graph, its upper classes cut."""
    graph = real()
    what = f"all {len(graph.parents):,} items of the table, raw edges, upper and meta classes cut"
    yield from _figures("rollup_vs_python_loop_18k", graph, what, 300, 0.9)


def on_18k_mended() -> Iterator[Figure]:
    """The graph that the product makes of the same table, which is far flatter."""
    graph = real(MENDED)
    what = f"{len(graph.parents):,} items: the catalog that the product makes of the table, mended"
    yield from _figures("rollup_vs_python_loop_18k_mended", graph, what)


def on_135k() -> Iterator[Figure]:
    """A seeded random graph of EntityNet's size."""
    what = "a seeded random DAG of 135,000 items, a third with two parents"
    yield from _figures("rollup_vs_python_loop_135k", layered(), what, 100, 0.9)


def _figures(
    name: str, graph: Graph, what: str, flat: float | None = None, peaked: float | None = None
) -> Iterator[Figure]:
    """``flat``, ``peaked``: the goals."""
    sums = graph.roll_up(range(len(graph.parents)))
    where = f"{what}, {graph.mean_ancestors:.1f} ancestors an item, one image"
    for shape, spread, least in (("", FLAT, flat), ("_peaked", PEAKED, peaked)):
        p = scores(len(graph.parents), spread)
        listed = p.tolist()
        _same(sums.masses(p), python_loop(listed, graph.lines, cut=0.0))
        times, quick, long = ratio(
            partial(sums.masses, p), partial(python_loop, listed, graph.lines)
        )
        baseline = f"Python loop, {long * 1e3:.3g} ms against {quick * 1e3:.3g} ms"
        scored = f"softmax of N(0, {spread:g})"
        yield Figure(
            name + shape, times, "times as fast", baseline, f"{where}; {scored}; {TIMING}", least
        )


def _same(fast: NDArray[np.float64], slow: dict[int, float]) -> None:
    """``slow`` must leave nothing out: the baseline's cut is up to N · 1e-9."""
    worst = max(abs(float(mass) - slow.get(node, 0.0)) for node, mass in enumerate(fast))
    if worst > TOLERANCE:
        raise AssertionError(f"the roll-ups differ by {worst:.2g}")
