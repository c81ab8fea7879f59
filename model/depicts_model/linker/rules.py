"""The rules of selection by name: which nodes an image's evidence offers, before any is taken.

All four offer only nodes that may be shown and are specific enough (`masks.Masks.open`), so they
differ in how they deal with doubt, and can be compared:

- ``argmax``: the most probable item, however unsure.
- ``threshold``: each of the most probable items that is sure enough itself.
- ``climb``: the same, and for an item that is not, its nearest ancestor that is. The default.
- ``darts``: the one node that promises most information, see `darts`.
"""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

Rule = Literal["argmax", "threshold", "climb", "darts"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
STEPS: Final = 40
"""Halvings of the interval of λ: beyond what doubles tell apart for any use."""
MOST: Final = 1e6
"""Bits; a λ above it would weigh nothing but confidence."""


def check_rule(name: str) -> None:
    """Raise ValueError where no rule has this name."""
    if name not in RULES:
        raise ValueError(f"unknown rule {name!r}; there are {', '.join(RULES)}")


def darts(confidence: Floats, specificity: Floats, allowed: Mask, bonus: float) -> int | None:
    """The allowed node of largest q · (IC + λ); of equals the first; None where none is allowed.

    Deng, Krause, Berg and Fei-Fei, "Hedging your bets: optimizing accuracy-specificity trade-offs
    in large scale visual recognition" (CVPR 2012), eq. 4: reward IC in bits, λ = ``bonus``.
    ``confidence``, ``specificity`` and ``allowed`` are (A,).
    """
    if not allowed.any():
        return None
    return int(np.argmax(np.where(allowed, confidence * (specificity + bonus), -1.0)))


def fit_darts(
    confidence: Floats, right: NDArray[Any], specificity: Floats, allowed: Mask, accuracy: float
) -> float | None:
    """The smallest λ at which `darts` is right on this share of n judged images; None: none is.

    ``confidence`` and ``right`` are (n, A), right marking the true nodes of each image and all
    above them. Accuracy grows with λ while a node is at least as sure as those below it and
    confidences are calibrated (the paper's theorem), so halving the interval finds it.
    """

    def reached(bonus: float) -> bool:
        found = [darts(q, specificity, allowed, bonus) for q in confidence]
        hits = [node is not None and right[n, node] for n, node in enumerate(found)]
        return bool(np.mean(hits) >= accuracy)

    low, high = 0.0, MOST
    if reached(low):
        return low
    if not reached(high):
        return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
