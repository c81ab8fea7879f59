"""Prototypes that have learnt to tell their items apart, by the full softmax over all of them.

    L = -(1/n) Σ_i Σ_e y_ie log softmax_e(τ x_i·ŵ_e + a log π_e) + h Σ_e |w_e - p_e|²,  ŵ = w / |w|

x: unit images; p: unit prototypes, where w starts and where the penalty holds it; π: prior. Adding
log π while learning is logit adjustment (Menon et al. 2021, arXiv 2007.07314): what is rare is not
pushed away for being rare. All items are compared at once, in chunks of images, so that memory is
flat and no batch limits what an image is told apart from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse
from scipy.special import log_softmax

from depicts_model.linker.score import Vectors, unit

Floats = NDArray[np.float64]
CHUNK: Final = 1024
"""Images at a time."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """How prototypes learn."""

    scale: float = 12.0
    """τ."""
    adjust: float = 0.5
    """a."""
    hold: float = 1e-3
    """h."""
    steps: int = 40
    """Of L-BFGS."""


def learn(
    start: Vectors,
    images: Vectors,
    shares: Any,
    log_prior: Floats,
    lesson: Lesson,
    stop: Callable[[], bool] = lambda: False,
) -> Vectors:
    """Unit prototypes (C, d) from unit ones that ``start``.

    ``images`` (n, d), unit rows; ``shares`` (n, C), sparse or dense, rows sum to 1: what each
    shows; ``log_prior`` (C,). ``stop`` is asked after each step, and ends the course where it is.
    """
    shares = sparse.csr_array(shares)
    adjusted = (lesson.adjust * log_prior).astype(np.float32)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(start.shape).astype(np.float32)
        length = np.linalg.norm(weights, axis=1, keepdims=True)
        even = weights / np.maximum(length, 1e-12)
        total, slope = 0.0, np.zeros_like(even)
        for at in range(0, len(images), CHUNK):
            some, right = images[at : at + CHUNK], shares[at : at + CHUNK].toarray()
            told = log_softmax(lesson.scale * some @ even.T + adjusted, axis=1)
            total -= float((right * told).sum())
            slope += (np.exp(told) - right).astype(np.float32).T @ some
        slope *= np.float32(lesson.scale / len(images))
        slope -= (slope * even).sum(axis=1, keepdims=True) * even
        away = weights - start
        slope = slope / np.maximum(length, 1e-12) + np.float32(2 * lesson.hold) * away
        held = lesson.hold * float((away.astype(np.float64) ** 2).sum())
        return total / len(images) + held, slope.ravel().astype(np.float64)

    def halt(_: Floats) -> None:
        if stop():
            raise StopIteration

    course = optimize.minimize(
        loss,
        start.ravel().astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        callback=halt,
        options={"maxiter": lesson.steps},
    )
    return unit(course.x.reshape(start.shape).astype(np.float32))
