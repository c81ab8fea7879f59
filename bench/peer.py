"""The roll-up against pybioclip's own `TreeOfLifeClassifier.format_grouped_probs`.

pybioclip is installed without its dependencies into a folder of its own below var/. What its
module imports and the measured function never uses (open_clip, torchvision, pandas,
huggingface_hub) is stubbed where it is missing, and no weights are loaded: the function sees
names and probabilities only. torch is the real one.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from unittest.mock import MagicMock

import numpy as np
from numpy.typing import NDArray

from bench.graphs import Graph, scores
from bench.measure import TIMING, BenchmarkSkipped, Figure, ratio
from depicts_model.linker.rollup import RollUp

VERSION: Final = "2.1.6"
HOME: Final = Path(__file__).parent.parent / "var" / "bench" / f"pybioclip-{VERSION}"
RANKS: Final = (5, 40, 150, 700, 3_000, 8_000, 18_500)
"""Names by rank, kingdom to species."""
TOP: Final = 5
STUBBED: Final = ("open_clip", "torchvision", "pandas", "huggingface_hub", "tqdm")


def on_tree() -> Iterator[Figure]:
    """All seven ranks of pybioclip against all nodes of ours, the best five of each rank."""
    parents = tree()
    leaves = range(len(parents) - RANKS[-1], len(parents))
    p = scores(len(leaves), 0.5)
    sums = Graph.of(parents).roll_up(leaves)
    with installed():
        peer = _peer(parents, leaves, p)
        ours = partial(best, sums, p)
        _same(ours(), peer())
        times, quick, long = ratio(ours, peer)
    baseline = f"pybioclip {VERSION}, {long * 1e3:.3g} ms against {quick * 1e3:.3g} ms"
    conditions = (
        "format_grouped_probs for seven ranks, installed without dependencies, heavy imports "
        f"stubbed; a tree of 7 levels and {RANKS[-1]:,} leaves, best {TOP} of each; "
        f"N(0, 0.5); {TIMING}"
    )
    yield Figure("rollup_vs_pybioclip", times, "times as fast", baseline, conditions, 100)


def tree(seed: int = 0) -> list[list[int]]:
    """Parents of each node, rank after rank; every node of a rank but the last has a child."""
    rng = np.random.default_rng(seed)
    parents: list[list[int]] = [[] for _ in range(RANKS[0])]
    for above, size in pairwise(RANKS):
        drawn = np.append(np.arange(above), rng.integers(0, above, size - above))
        start = len(parents) - above
        parents += [[start + int(n)] for n in drawn]
    return parents


def best(sums: RollUp, p: NDArray[np.float64]) -> list[list[float]]:
    """The largest masses of each rank, best first."""
    ranks = np.split(sums.masses(p), np.cumsum(RANKS)[:-1])
    return [sorted(np.partition(rank, -TOP)[-TOP:].tolist(), reverse=True) for rank in ranks]


@contextmanager
def installed() -> Iterator[None]:
    """Pybioclip can be imported inside; what was stubbed for it is gone afterwards."""
    if not HOME.is_dir():
        _install()
    before = {name for name in sys.modules if not name.startswith("bioclip")}
    sys.path.insert(0, str(HOME))
    try:
        for name in STUBBED:
            if importlib.util.find_spec(name) is None:
                sys.modules[name] = MagicMock(__spec__=None)
        yield
    finally:
        sys.path.remove(str(HOME))
        for name in [n for n in sys.modules if n in STUBBED or n.startswith("bioclip")]:
            if name not in before:
                del sys.modules[name]


def _install() -> None:
    """Into a folder beside HOME at first: one that pip was killed over is never HOME."""
    HOME.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME.parent) as folder:
        made = Path(folder, HOME.name)
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(made)]
        done = subprocess.run(
            [*command, f"pybioclip=={VERSION}"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            why = said[-1] if said else "no reason given"
            raise BenchmarkSkipped(f"pybioclip {VERSION} cannot be installed: {why}")
        made.rename(HOME)


def _peer(parents: list[list[int]], leaves: range, p: NDArray[np.float64]) -> Callable[[], Any]:
    torch = importlib.import_module("torch")
    predict = importlib.import_module("bioclip.predict")
    classifier = object.__new__(predict.TreeOfLifeClassifier)
    torch.nn.Module.__init__(classifier)
    classifier._subset_txt_names = None
    classifier.txt_names = [[_names(parents, leaf), ""] for leaf in leaves]
    probabilities = torch.from_numpy(p)

    def every_rank() -> list[list[float]]:
        found = (
            classifier.format_grouped_probs("image", probabilities, rank, k=TOP)
            for rank in predict.Rank
        )
        return [[row["score"] for row in rows] for rows in found]

    return every_rank


def _names(parents: list[list[int]], leaf: int) -> list[str]:
    line = [leaf]
    while parents[line[-1]]:
        line.append(parents[line[-1]][0])
    return [f"Name{node}" for node in reversed(line)]


def _same(ours: list[list[float]], theirs: list[list[float]]) -> None:
    if not np.allclose(ours, theirs, atol=1e-6):
        raise AssertionError("pybioclip's masses are others than ours")
