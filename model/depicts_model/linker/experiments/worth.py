"""How good a ranking of the validation part is: fits end early by it, trials choose by it.

The tables have `metrics`; this is the one figure that a fit may look at while it runs.
"""

from __future__ import annotations

import numpy as np

from depicts_model.linker.experiments.system import Scores
from depicts_model.linker.experiments.work import Part, Rows


def places(scores: Scores, part: Part) -> Rows:
    """(n,): before how many candidates the best right one stands; 0 is first.

    ``scores``: (n, N). Of two equal scores the candidate of the lower row stands first.
    """
    found = np.empty(len(part), dtype=np.intp)
    for at, (row, right) in enumerate(zip(scores, part.rows(), strict=True)):
        best = min(right, key=lambda candidate: (-row[candidate], candidate))
        found[at] = np.sum(row > row[best]) + np.sum(row[:best] == row[best])
    return found


def recall(found: Rows, k: int) -> float:
    """Share of images with a right candidate among the first ``k``."""
    return float(np.mean(found < k))


def worth(scores: Scores, part: Part) -> float:
    """Mean of recall at 1 and recall at 10."""
    found = places(scores, part)
    return (recall(found, 1) + recall(found, 10)) / 2
