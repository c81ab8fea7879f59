"""What the teacher's features say of our own kinds: a linear discriminant, cross-fitted.

The teacher knows other classes than ours, but its pooled features tell our kinds apart far better
than a small tower does. The discriminant (Fisher 1936; the within-class covariance shrunk towards
a sphere, Friedman 1989) turns them into shares over our kinds, from which the tower learns. No
photo is answered for by a discriminant that saw it: those would only repeat the labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import log_softmax, softmax

Floats = NDArray[np.float32]

FOLDS = 4
SHRINKAGE = 0.1
TEMPERATURES = (1.0, 1.4, 2.0, 2.8, 4.0, 5.7, 8.0, 11.3, 16.0)
BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over photos: ``targets`` (k,), ``by_kind`` (w, k), ``squares`` (w, w)."""

    targets: NDArray[np.float64]
    by_kind: NDArray[np.float64]
    squares: NDArray[np.float64]

    def without(self, other: Moments) -> Moments:
        """The sums over the photos that are not in ``other``."""
        return Moments(
            self.targets - other.targets,
            self.by_kind - other.by_kind,
            self.squares - other.squares,
        )


def shares_by_view(
    features: NDArray[np.uint8], targets: Floats, rows: NDArray[np.intp], seed: int
) -> NDArray[np.float16]:
    """Shares (n, v, k) over the kinds for every view of the photos ``rows``; zero for others.

    ``features``: (n, v, w), the teacher's, quantised; ``targets``: (n, k), rows sum to 1. Each
    photo is answered for by the discriminant of the other folds, at the temperature at which the
    whole photos' answers lose least (cross-entropy).
    """
    folds = np.random.default_rng(seed).integers(FOLDS, size=len(rows))
    parts = [_moments(features, targets, rows[folds == fold]) for fold in range(FOLDS)]
    whole = _total(parts)
    rules = [_discriminant(whole.without(part)) for part in parts]
    logits = np.empty((len(rows), targets.shape[1]), np.float32)
    for fold, rule in enumerate(rules):
        logits[folds == fold] = _logits(features[rows[folds == fold], 0], rule)
    temperature = _temperature(logits, targets[rows])
    shares = np.zeros((*features.shape[:2], targets.shape[1]), np.float16)
    for fold, rule in enumerate(rules):
        for some in _blocks(rows[folds == fold]):
            shares[some] = softmax(_logits(features[some], rule) / temperature, axis=-1)
    return shares


def _blocks(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Few enough rows that their features fit into memory as floats."""
    return [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]


def _prepared(features: NDArray[np.uint8]) -> Floats:
    """Roots of the features: they are means of what is cut off at zero, and skewed."""
    return np.sqrt(features.astype(np.float32))


def _moments(features: NDArray[np.uint8], targets: Floats, rows: NDArray[np.intp]) -> Moments:
    width, kinds = features.shape[-1], targets.shape[1]
    total = Moments(np.zeros(kinds), np.zeros((width, kinds)), np.zeros((width, width)))
    for some in _blocks(rows):
        seen, shown = _prepared(features[some, 0]), targets[some]
        sums = (shown.sum(0), seen.T @ shown, seen.T @ seen)
        total = _total([total, Moments(*(part.astype(np.float64) for part in sums))])
    return total


def _total(parts: list[Moments]) -> Moments:
    targets = np.array([part.targets for part in parts]).sum(0)
    by_kind = np.array([part.by_kind for part in parts]).sum(0)
    return Moments(targets, by_kind, np.array([part.squares for part in parts]).sum(0))


def _discriminant(seen: Moments) -> tuple[Floats, Floats]:
    """Weights (w, k) and biases (k,): Gaussian kinds of one covariance, with their prior."""
    counts = np.maximum(seen.targets, 1e-6)
    means = seen.by_kind / counts
    within = (seen.squares - (means * counts) @ means.T) / counts.sum()
    sphere = np.trace(within) / len(within)
    within = (1 - SHRINKAGE) * within + (SHRINKAGE * sphere + 1e-6) * np.eye(len(within))
    weights = cho_solve(cho_factor(within), means)
    prior = np.log((seen.targets + 1) / (seen.targets + 1).sum())
    biases = prior - 0.5 * (means * weights).sum(0)
    return weights.astype(np.float32), biases.astype(np.float32)


def _logits(features: NDArray[np.uint8], rule: tuple[Floats, Floats]) -> Floats:
    weights, biases = rule
    logits: Floats = _prepared(features) @ weights + biases
    return logits


def _temperature(logits: Floats, targets: Floats) -> float:
    """By which the logits are divided so that they are neither too sure nor too shy."""

    def loss(temperature: float) -> float:
        return -float((targets * log_softmax(logits / temperature, axis=1)).sum(1).mean())

    return min(TEMPERATURES, key=loss)
