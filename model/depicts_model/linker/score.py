"""Scores of items from pixels: exact, over the whole vocabulary (linking.md, section 2).

    ℓ_e = τ (z·w_e - α hub_e) + τ_p norm(z W)·p_e + τ_v log(1 + K_e) + λ log π_e
    p   = softmax of ℓ over all N items

z: unit image vector; w_e: unit item vector; hub_e: how near e is to whatever image
(`hubness`); p_e: visual prototype (`prototypes`), where there is one: an item without has the
constant ``no_prototype`` in that place; W: whitening (`whitening`), identity where there is none;
K_e: votes of the nearest approved images (`approved`); π_e: prior. No weight is negative: more
evidence for an item never lowers its score.

The adapters of section 2, its free vectors and the leaning of item vectors on their parents belong
to the training of item vectors, and are not built yet: w_e is the text tower's output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from depicts_model.linker.approved import Approved

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
NEAREST: Final = 16
"""Images that an item's hubness is the mean of."""
AT_ONCE: Final = 64
"""Images whose cosines to all items are in memory at a time, where many are looked at."""
FEW_ITEMS: Final = 128
"""Items at a time in a product with the vectors of few images: BLAS then takes what it has for
small matrices, and does not copy those of all items; up to eight images need half the time.
"""
SPHERE: Final = 0.3
"""Share of the sphere in the covariance of a whitening: few images speak for each direction."""
SHRINK: Final = 4.0
"""κ of a prototype: it counts as many images of the item's own vector."""
VOTES: Final = 1.0
"""Weight of the votes of approved images: one that is the same image doubles the odds. A constant:
there are no approvals to fit it on.
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the terms, by name; all but ``no_prototype`` at least 0."""

    similarity: float
    """τ, the logit scale: of the cosine to the item's vector."""
    prior: float = 0.0
    """λ, of the logarithm of the prior."""
    hub: float = 0.0
    """α, the share of an item's hubness that is taken off its cosine; at most 1."""
    prototype: float = 0.0
    """τ_p, of the cosine to the item's prototype."""
    no_prototype: float = 0.0
    """In place of that, for an item that has none; at most ``prototype``."""
    votes: float = 0.0
    """τ_v, of the votes of approved images."""

    def __post_init__(self) -> None:
        values = [getattr(self, f.name) for f in fields(self)]
        if not np.isfinite(values).all() or not 0 < self.similarity < 1e4:
            raise ValueError("weights must be finite, and similarity above 0")
        if min(self.prior, self.hub, self.prototype, self.votes) < 0 or self.hub > 1:
            raise ValueError("weights must be at least 0, and hub at most 1")
        if self.no_prototype > self.prototype:
            raise ValueError("no_prototype must not weigh more than an image that is the prototype")


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """What is known of N items before any image, with the weights of the terms."""

    vectors: Vectors
    """(N, d), unit rows."""
    log_prior: Floats
    """(N,), natural logarithm."""
    weights: Weights
    hub: Floats | None = None
    """(N,), see `hubness`; None: taken as 0."""
    prototypes: Vectors | None = None
    """(N, d), unit rows, whitened; a row of zeros for an item without one."""
    whitening: Vectors | None = None
    """(d, d), see `whitening`; None: identity."""
    approved: Approved | None = None
    """Images whose items people approved; None: there are none."""

    def cosines(self, images: Vectors) -> Floats:
        """Image vectors (n, d), of any length above zero, to cosines (n, N)."""
        return _cosines(images, self.vectors)

    def logits(self, images: Vectors, cosines: Floats) -> Floats:
        """Image vectors (n, d) with their cosines (n, N) to logits (n, N)."""
        result: Floats = self.weights.similarity * cosines + self._known()
        for term in self._seen(images):
            result += term
        return result

    def probabilities(self, logits: Floats) -> Floats:
        """Logits (n, N) to probabilities (n, N)."""
        result: Floats = softmax(logits, axis=1)
        return result

    def terms(self, image: Vectors, row: int) -> dict[str, float]:
        """What each term adds to the logit of one item for one image (1, d), by name.

        A term that is missing (an item without a prototype) adds its constant; a term that the
        model does not have is left out.
        """
        cosine = float(_cosines(image, self.vectors[[row]])[0, 0])
        found = {"similarity": self.weights.similarity * cosine}
        if self.hub is not None:
            found["hub"] = -self.weights.similarity * self.weights.hub * float(self.hub[row])
        if self.prototypes is not None:
            found["prototype"] = float(self._prototype(image, self.prototypes[[row]])[0, 0])
        if self.approved is not None:
            found["votes"] = float(self._votes(image, self.approved)[0, row])
        return {**found, "prior": self.weights.prior * float(self.log_prior[row])}

    def _known(self) -> Floats:
        """The part of every image's logits that no image changes, (N,)."""
        known = self.weights.prior * self.log_prior
        if self.hub is None:
            return known
        result: Floats = known - self.weights.similarity * self.weights.hub * self.hub
        return result

    def _seen(self, images: Vectors) -> Sequence[Floats]:
        found = []
        if self.prototypes is not None:
            found.append(self._prototype(images, self.prototypes))
        if self.approved is not None:
            found.append(self._votes(images, self.approved))
        return found

    def _prototype(self, images: Vectors, prototypes: Vectors) -> Floats:
        there = prototypes.any(axis=1)
        near = self.weights.prototype * self.looks(images, prototypes)
        return np.where(there, near, self.weights.no_prototype)

    def looks(self, images: Vectors, prototypes: Vectors) -> Floats:
        """Image vectors (n, d) to cosines (n, N) to prototypes, in the whitened space."""
        return _cosines(images if self.whitening is None else images @ self.whitening, prototypes)

    def _votes(self, images: Vectors, approved: Approved) -> Floats:
        result: Floats = self.weights.votes * np.log1p(approved.votes(images))
        return result


def _cosines(images: Vectors, known: Vectors) -> Floats:
    """Image vectors (n, d), of any length above zero, and unit rows (N, d) to cosines (n, N)."""
    seen, cosines = unit(images), np.empty((len(images), len(known)))
    for start in range(0, len(known), FEW_ITEMS):
        cosines[:, start : start + FEW_ITEMS] = seen @ known[start : start + FEW_ITEMS].T
    return cosines


def hubness(vectors: Vectors, images: Vectors, nearest: int = NEAREST) -> Floats:
    """How near each item (N,) is to images of whatever: its mean cosine to the ``nearest`` ones.

    ``vectors`` (N, d), ``images`` (m, d): a sample of what is to be linked, m at least 1. Taken
    off an item's cosines it cures hubs, items near to everything (nearest-neighbour
    normalisation, Chowdhury et al. 2024, arXiv 2410.24114). Memory is that of N times (`nearest`
    + `AT_ONCE`) cosines, however many images come.
    """
    if not len(images):
        raise ValueError("hubness needs at least one image")
    near = np.empty((0, len(vectors)))
    for start in range(0, len(images), AT_ONCE):
        more = np.concatenate([near, _cosines(images[start : start + AT_ONCE], vectors)])
        take = min(nearest, len(more))
        near = np.partition(more, len(more) - take, axis=0)[-take:]
    mean: Floats = near.mean(axis=0)
    return mean


def whitening(images: Vectors, shown: Sequence[Sequence[int]], shrink: float = SPHERE) -> Vectors:
    """W (d, d): makes the images of one item vary alike in all directions.

    W = S^(-1/2), S the covariance of ``images`` (m, d) within the first item that each shows,
    shrunk towards a sphere by ``shrink``. What varies among photos of one thing tells things apart
    badly (linear discriminant analysis). Raises ValueError where no item has two images.
    """
    rows = unit(images)
    first = np.array([some[0] if len(some) else -1 for some in shown])
    inside = [rows[first == row] for row in np.unique(first[first >= 0])]
    left = [some - some.mean(axis=0) for some in inside if len(some) > 1]
    if not left:
        raise ValueError("whitening needs an item with two images")
    freedom = sum(len(some) - 1 for some in left)
    spread = sum(some.T.astype(np.float64) @ some for some in left) / freedom
    size = len(spread)
    shrunk = (1 - shrink) * spread + shrink * np.trace(spread) / size * np.eye(size)
    values, axes = np.linalg.eigh(shrunk)
    result: Vectors = (axes / np.sqrt(np.maximum(values, 1e-12)) @ axes.T).astype(np.float32)
    return result


def prototypes(
    vectors: Vectors, images: Vectors, shown: Sequence[Sequence[int]], shrink: float = SHRINK
) -> Vectors:
    """Unit prototypes (N, d) of the items, rows of zeros for those without an image.

    ``vectors`` (N, d), ``images`` (m, d), of any length above zero, both whitened or neither;
    ``shown``: for each image the rows of the items that it shows. Few images lean on the item's
    own vector: p_e = norm(Σ z + κ w_e).
    """
    total, counts = np.zeros_like(vectors), np.zeros(len(vectors), dtype=np.intp)
    seen, own = unit(images), unit(vectors)
    for image, rows in zip(seen, shown, strict=True):
        total[list(rows)] += image
        counts[list(rows)] += 1
    return unit(np.where(counts[:, None] > 0, total + shrink * own, 0).astype(np.float32))


def unit(vectors: Vectors) -> Vectors:
    """Rows (n, d) brought to length 1; a row of zeros stays."""
    result: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result
