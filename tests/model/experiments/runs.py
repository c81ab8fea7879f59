"""Runs on the small work, of scorers whose worth is plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from depicts_model.linker.experiments.results import Run
from depicts_model.linker.experiments.system import Family
from depicts_model.linker.experiments.work import Part, Work
from depicts_model.linker.metrics import top_of

from .works import small_work

NOISE: Final[Mapping[str, tuple[Family, float]]] = {
    "ours": ("ours", 0.3),
    "mlp-256": ("vel", 0.9),
    "top-k": ("vel", 5.0),
    "v2v": ("paper", 0.6),
    "knn": ("baseline", 0.35),
}
"""Name to family, and how far its scores are from the truth."""


def run_of(work: Work, name: str, family: Family, noise: float) -> Run:
    """The truth's rows score 1, all others 0, and noise is added."""
    return Run(
        setting=work.setting,
        seed=work.seed,
        system=name,
        family=family,
        top=top_of(_scores(work.test, len(work.items), noise, work.seed)),
        truths=work.test.truths,
        files=work.test.files,
        items=work.items,
        seconds=1.5,
        capped=name == "mlp-256",
    )


def _scores(part: Part, wide: int, noise: float, seed: int) -> np.ndarray:
    scores = noise * np.random.default_rng((seed, round(noise * 100))).normal(
        size=(len(part), wide)
    )
    for line, rows in zip(scores, part.rows(), strict=True):
        line[list(rows)] += 1
    result: np.ndarray = scores
    return result


def runs(seeds: int = 2) -> list[Run]:
    """Every scorer on every seed."""
    works = [small_work(seed) for seed in range(seeds)]
    return [run_of(work, name, *how) for work in works for name, how in NOISE.items()]
