"""The spread of images within their classes, and the map that makes it the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """x to (x - centre) · matrix."""

    centre: NDArray[np.float32]
    """(d,): the mean of all images."""
    matrix: NDArray[np.float32]
    """(d, d), symmetric: the inverse root of the shrunk within-class covariance."""

    def of(self, vectors: Floats) -> NDArray[np.float32]:
        """(n, d) whitened; not of unit length any more."""
        return np.asarray((vectors - self.centre) @ self.matrix, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How images of one class differ, as other classes tell it."""

    covariance: NDArray[np.float32]
    """(d, d): within classes."""
    free: int
    """Images less classes that it was estimated from: its weight beside another estimate."""


def spread_of(vectors: Floats, shares: Floats) -> Spread:
    """Of n images (n, d) and their shares in C classes (n, C)."""
    apart = vectors - shares @ class_means(vectors, shares)
    free = max(len(vectors) - shares.shape[1], 1)
    return Spread(np.asarray(apart.T @ apart / free, dtype=np.float32), free)


def within_class(
    vectors: Floats, shares: Floats, shrink: float, others: Spread | None = None
) -> Whitening:
    """From n images (n, d) and their shares in C classes (n, C), pooled with ``others``.

    The covariance is shrunk towards a sphere of the same trace (Ledoit and Wolf, 2004): by 0 not
    at all, by 1 wholly. Images that are alone in their class say nothing about its spread. Raises
    ValueError where no class has two images that differ.
    """
    own = spread_of(vectors, shares)
    covariance = own.covariance.astype(np.float64)
    if others is not None:
        covariance = own.free * covariance + others.free * others.covariance
        covariance /= own.free + others.free
    mean_variance = np.trace(covariance) / len(covariance)
    if not mean_variance > 0:
        raise ValueError("no class has two images that differ: nothing tells its spread")
    covariance = (1 - shrink) * covariance + shrink * mean_variance * np.eye(len(covariance))
    return Whitening(vectors.mean(axis=0).astype(np.float32), _inverse_root(covariance))


def class_means(vectors: Floats, shares: Floats) -> Floats:
    """(C, d): the mean of each class, an image counting by its share in it."""
    weight = shares.sum(axis=0)[:, None]
    means: Floats = (shares.T @ vectors) / np.maximum(weight, np.finfo(np.float32).tiny)
    return means


def _inverse_root(covariance: Floats) -> NDArray[np.float32]:
    """Directions without any spread are taken as having a millionth of the widest one's."""
    values, axes = np.linalg.eigh(covariance.astype(np.float64))
    values = np.maximum(values, values[-1] * 1e-6)
    return np.asarray((axes / np.sqrt(values)) @ axes.T, dtype=np.float32)
