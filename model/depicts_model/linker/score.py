"""Scores of items: exact, over the whole vocabulary.

    ℓ_e = τ (z · w_e) + λ log π_e,    p = softmax over all N items

z: unit image vector; w_e: unit item vector; τ: logit scale; λ: weight of the prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """The item vectors with the numbers that turn cosines into probabilities."""

    vectors: NDArray[np.float32]
    """(N, d), unit rows."""
    log_prior: Floats
    """(N,), natural logarithm."""
    logit_scale: float
    prior_weight: float = 0.0

    def cosines(self, images: NDArray[np.float32]) -> Floats:
        """Image vectors (n, d), of any length above zero, to cosines (n, N)."""
        lengths = np.maximum(np.linalg.norm(images, axis=1, keepdims=True), 1e-12)
        cosines: Floats = (images / lengths @ self.vectors.T).astype(np.float64)
        return cosines

    def logits(self, cosines: Floats) -> Floats:
        """Cosines (n, N) to logits (n, N)."""
        return self.logit_scale * cosines + self.prior_weight * self.log_prior

    def probabilities(self, logits: Floats) -> Floats:
        """Logits (n, N) to probabilities (n, N)."""
        result: Floats = softmax(logits, axis=1)
        return result
