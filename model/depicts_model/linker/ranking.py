"""The most probable items in order, without putting all items in order."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 256
"""Items that are put in order: more than anybody is shown or told of."""


def most_probable(probabilities: NDArray[np.float64], most: int = MOST) -> NDArray[np.intp]:
    """Rows of the ``most`` largest of (N,), best first; equals in the order of their rows."""
    least = -np.inf
    if most < len(probabilities):
        least = np.partition(probabilities, -most)[-most]
    rows = np.flatnonzero(probabilities >= least)
    return rows[np.argsort(-probabilities[rows], kind="stable")][:most]
