"""Probabilistic linear discriminant analysis: how likely an image is, given few of its class.

    x | μ_e ~ N(μ_e, I),   μ_e ~ N(m, B)          in the whitened space, vectors of one length
    x | n images of e, of mean x̄ ~ N(m + B (B + I/n)⁻¹ (x̄ - m),  I + B (I + nB)⁻¹)

A class of one image lies near the mean of all and is wide, one of a hundred is where its images
are: how far to trust a mean is not a knob. Sources: Ioffe, "Probabilistic linear discriminant
analysis" (ECCV 2006); one length after whitening: Garcia-Romero and Espy-Wilson (Interspeech 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.experiments.whitening import (
    Spread,
    Whitening,
    class_means,
    within_class,
)

Floats = NDArray[np.floating]
LEFT: Final = 0.05
"""Shrinkage of what is left of the spread after one length was given to all."""
LEAST: Final = 0.02
"""Variance between classes in any direction, as a share of the widest one's."""


@dataclass(frozen=True, slots=True, eq=False)
class Discriminant:
    """The predictive distributions of C classes, in directions where all of them are diagonal."""

    first: Whitening
    second: Whitening
    axes: NDArray[np.float64]
    """(d, d): the directions, as columns."""
    means: NDArray[np.float64]
    """(C, d)."""
    variances: NDArray[np.float64]
    """(C, d)."""

    @classmethod
    def of(
        cls, vectors: Floats, shares: Floats, shrink: float, others: Spread | None = None
    ) -> Self:
        """From n images (n, d) and their shares in C classes (n, C); the rest as `within_class`.

        Raises ValueError where no class has two images that differ.
        """
        first = within_class(vectors, shares, shrink, others)
        even = one_length(first.of(vectors))
        second = within_class(even, shares, LEFT)
        means = class_means(second.of(even), shares).astype(np.float64)
        counts = shares.sum(axis=0)[:, None].astype(np.float64)
        centre = means.mean(axis=0)
        between, axes = _between(means - centre, counts)
        leaning = between / (between + 1 / counts)
        moved = centre @ axes + leaning * ((means - centre) @ axes)
        return cls(first, second, axes, moved, 1 + between / (1 + counts * between))

    def log_likelihood(self, vectors: Floats) -> NDArray[np.float64]:
        """Of images (n, d) in each class: (n, C), but for a constant."""
        seen = self.second.of(one_length(self.first.of(vectors))).astype(np.float64) @ self.axes
        near = self.means / self.variances
        fixed = (self.means * near + np.log(self.variances)).sum(axis=1)
        result: NDArray[np.float64] = -0.5 * (
            seen**2 @ (1 / self.variances).T - 2 * seen @ near.T + fixed
        )
        return result


def one_length(vectors: Floats) -> Floats:
    """Rows (n, d) brought to the length √d that white noise has."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = vectors * (np.sqrt(vectors.shape[1]) / np.maximum(length, 1e-12))
    return result


def _between(
    apart: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances (d,) of the classes' true means and their directions (d, d).

    What the means of few images vary by chance alone, 1/n on average, is taken off.
    """
    covariance = apart.T @ apart / len(apart) - np.mean(1 / counts) * np.eye(apart.shape[1])
    values, axes = np.linalg.eigh(covariance)
    return np.maximum(values, LEAST * max(float(values[-1]), 1e-9)), axes
