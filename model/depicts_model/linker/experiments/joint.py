"""Joins images and words: a linear map from the encoder's feature to MiniLM's space.

    W = argmin Σ_i (1 / n_kind(i)) |x_i W - t_kind(i)|² + λ |W|²,   z = norm(x W)

x: unit feature less the mean of the photos of E; t: unit vector of "label description". Ridge
regression in closed form, every kind counting the same. λ is what finds unseen items best: the
zero-shot recall of held-out items of E among all candidates (five folds). No photo and no item of T
takes part in any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.score import unit

Vectors = NDArray[np.float32]
Rows = NDArray[np.intp]
STRENGTHS: Final = (1.0, 10.0, 100.0, 1000.0)
FOLDS: Final = 5
JUDGED: Final = 10
"""Every so many-th photo of a held-out fold is judged."""
TOP: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """A fitted map."""

    centre: Vectors
    """(r,)."""
    weights: Vectors
    """(r, d)."""
    strength: float
    """λ."""
    found: float
    """Zero-shot R@10 of held-out items of E among all candidates, at that λ."""

    def __call__(self, raw: Vectors) -> Vectors:
        """Features (n, r) of any length above zero to unit vectors (n, d)."""
        moved = (unit(raw) - self.centre) @ self.weights
        return unit(moved.astype(np.float32))


def join(raw: Vectors, kinds: Rows, texts: Vectors, seed: int = 0) -> Join:
    """Fit on the photos of E: features (m, r), the candidate row that each shows, texts (N, d)."""
    centre: Vectors = unit(raw).mean(axis=0, dtype=np.float32)
    centred = unit(raw) - centre
    fold = np.random.default_rng((seed, 5)).permutation(len(texts)) % FOLDS
    found = {s: _zero_shot(centred, kinds, texts, fold, s) for s in STRENGTHS}
    best = max(found, key=lambda s: (found[s], -s))
    return Join(centre, _ridge(centred, kinds, texts, best), best, found[best])


def _ridge(centred: Vectors, kinds: Rows, texts: Vectors, strength: float) -> Vectors:
    counts = np.bincount(kinds, minlength=len(texts))
    even = (len(kinds) / np.count_nonzero(counts) / counts[kinds])[:, None].astype(np.float32)
    gram = (centred * even).T @ centred + np.float32(strength) * np.eye(centred.shape[1])
    solved: NDArray[Any] = np.linalg.solve(gram, (centred * even).T @ texts[kinds])
    return solved.astype(np.float32)


def _zero_shot(centred: Vectors, kinds: Rows, texts: Vectors, fold: Rows, strength: float) -> float:
    """Share of photos of held-out kinds whose kind is among the nearest `TOP` texts of all."""
    hits: list[bool] = []
    for number in range(FOLDS):
        held = fold[kinds] == number
        if not held.any() or held.all():
            continue
        weights = _ridge(centred[~held], kinds[~held], texts, strength)
        some = np.flatnonzero(held)[::JUDGED]
        cosines = unit(centred[some] @ weights) @ texts.T
        own = cosines[np.arange(len(some)), kinds[some]]
        hits += ((cosines > own[:, None]).sum(axis=1) < TOP).tolist()
    return float(np.mean(hits)) if hits else 0.0
