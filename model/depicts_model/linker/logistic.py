"""The one logistic regression of this package: penalised, weighted, its slopes within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit, log_expit

from depicts_model.linker.odds import log_odds

Floats = NDArray[np.float64]
Bounds = Sequence[tuple[float | None, float | None]]
EDGE: Final = 1e-6
"""Probabilities are kept this far from 0 and 1 before their log-odds are taken."""


def logit(probability: Floats) -> Floats:
    """The log-odds of probabilities of any shape, 0 and 1 taken as `EDGE` from there."""
    return log_odds(np.clip(probability, EDGE, 1 - EDGE))


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """logit P(right) = c_0 + x · c_1… + offset, on P pairs."""

    x: Floats
    """(P, k)."""
    right: NDArray[np.bool_]
    """(P,)."""
    share: Floats
    """(P,), weights that sum to 1."""
    ridge: float
    penalised: int = 1
    """The first of the k + 1 variables that is: those before are not, as the intercept."""
    offset: Floats | float = 0.0
    """(P,)."""

    def fit(self, start: Sequence[float], bounds: Bounds) -> Floats:
        """Intercept and slopes (k + 1,) within their bounds, of the least loss."""
        found = optimize.minimize(
            self._loss, np.array(start), jac=True, method="L-BFGS-B", bounds=bounds
        )
        return np.asarray(found.x, dtype=np.float64)

    def _loss(self, c: Floats) -> tuple[float, Floats]:
        """The penalised negative log-likelihood, and its slope."""
        sign = np.where(self.right, 1.0, -1.0)
        margin = sign * (c[0] + self.x @ c[1:] + self.offset)
        pull = -self.share * sign * expit(-margin)
        slope = np.concatenate([[pull.sum()], self.x.T @ pull])
        slope[self.penalised :] += self.ridge * c[self.penalised :]
        penalty = self.ridge * (c[self.penalised :] ** 2).sum() / 2
        return float(-(self.share * log_expit(margin)).sum() + penalty), slope
