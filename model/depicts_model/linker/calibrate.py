"""From mass to confidence, and from confidence to a threshold; and how true both are.

    q_a = σ(c0 + c_mass · logit m_a + Σ_f c_f · f_a)

The features f are ``nearness``, the largest cosine of an item at or below the node, and
``agreement``, how far the views of the image agree. Mass alone cannot tell what is strange: a
softmax sums to one over an image of nothing that is known, too. Every weight is at least zero:
more evidence never lowers a confidence.

One calibrator and one threshold serve all nodes. Bins of their own by kind, specificity and support
were tried, and so was a second stage fitted on what is shown: judged by cross-fitting, on as few
judged photos as there are, neither gained anything that could be told from chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from depicts_model.linker.logistic import Regression, logit
from depicts_model.linker.odds import probability

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Mass and image features to a confidence."""

    bias: float
    mass: float
    """Weight of logit m_a, at least 0."""
    features: Mapping[str, float] = field(default_factory=dict)
    """Weights of the features by name, at least 0."""

    def __post_init__(self) -> None:
        weights = [self.mass, *self.features.values()]
        if not np.isfinite([self.bias, *weights]).all() or min(weights) < 0:
            raise ValueError("a calibrator's weights must be finite and at least 0")

    def confidence(self, mass: Floats, features: Mapping[str, Floats]) -> Floats:
        """Masses (n, A) and features, (n, A) or (n, 1) by name, to confidences (n, A)."""
        logits = self.bias + self.mass * logit(mass)
        for name, weight in self.features.items():
            logits = logits + weight * features[name]
        return probability(logits)


def fit_calibrator(
    mass: Floats,
    features: Mapping[str, Floats],
    correct: NDArray[np.bool_],
    weight: Floats | None = None,
    ridge: float = 1e-3,
) -> Calibrator:
    """Fit by penalised likelihood on P judged pairs (image, node).

    ``mass`` (P,); ``features``: (P,) by name; ``correct`` (P,): the image
    shows the node (False for everything on an image that shows nothing known); ``weight`` (P,).
    Raises ValueError where the pairs are not of both outcomes.
    """
    if correct.all() or not correct.any():
        least = "right" if not correct.any() else "wrong"
        raise ValueError(f"none of {len(correct)} pairs of image and item or class is {least}")
    raw = np.stack([logit(mass), *features.values()], axis=1)
    # what never varies (the agreement of a single view) tells nothing, and weighs nothing
    centre, spread = raw.mean(axis=0), np.where(np.ptp(raw, axis=0) > 1e-6, raw.std(axis=0), np.inf)
    shares = np.ones(len(mass)) if weight is None else weight
    fit = Regression((raw - centre) / spread, correct, shares / shares.sum(), ridge)
    size = raw.shape[1]
    c0, *rest = fit.fit([0.0, *[0.1] * size], [(None, None), *[(0.0, None)] * size])
    slopes = np.array(rest) / spread
    named = dict(zip(features, slopes[1:].tolist(), strict=True))
    return Calibrator(float(c0 - slopes @ centre), float(slopes[0]), named)


def lower_bound(right: float, shown: float, alpha: float = 0.05) -> float:
    """One-sided Clopper-Pearson lower bound of a share: ``right`` of ``shown``, level 1 - alpha."""
    return 0.0 if right == 0 else float(stats.beta.ppf(alpha, right, shown - right + 1))


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability table; low ≤ confidence < high (the last bin holds its high)."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean confidence in the bin, by weight."""
    precision: float
    """Share that was right, by weight."""
    share: float
    """Of the weight of all."""


def reliability_table(
    confidence: Sequence[float] | Floats,
    correct: Sequence[bool] | NDArray[np.bool_],
    weight: Sequence[float] | Floats | None = None,
    bins: int = 10,
) -> list[Bin]:
    """Confidence against the share that was right, in bins of equal width; empty ones left out."""
    values, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    shares = np.ones(len(values)) if weight is None else np.asarray(weight, dtype=np.float64)
    which = np.minimum((values * bins).astype(int), bins - 1)
    rows = []
    for b in np.unique(which):
        inside = which == b
        part = shares[inside]
        mean, precision = (float(part @ x[inside] / part.sum()) for x in (values, right))
        share = float(part.sum() / shares.sum())
        rows.append(Bin(b / bins, (b + 1) / bins, int(inside.sum()), mean, precision, share))
    return rows


def ece(
    confidence: Sequence[float] | Floats,
    correct: Sequence[bool] | NDArray[np.bool_],
    weight: Sequence[float] | Floats | None = None,
    bins: int = 10,
) -> float:
    """Expected calibration error: mean distance of confidence and precision, by bin, weighted."""
    table = reliability_table(confidence, correct, weight, bins)
    return sum(row.share * abs(row.confidence - row.precision) for row in table)


def ece_by_chance(
    confidence: Sequence[float] | Floats,
    weight: Sequence[float] | Floats | None = None,
    level: float = 0.95,
    draws: int = 1000,
) -> tuple[float, float]:
    """The `ece` that perfectly true confidences show on as many suggestions: mean, and quantile.

    Of few suggestions it is not 0: shares vary. An error above the quantile is not of chance
    alone (at 1 - ``level``). Simulated: each suggestion is right with its own confidence.
    """
    values = np.asarray(confidence, dtype=np.float64)
    if not len(values):
        return 0.0, 0.0
    draw = np.random.default_rng(0)
    found = [ece(values, draw.random(len(values)) < values, weight) for _ in range(draws)]
    return float(np.mean(found)), float(np.quantile(found, level))
