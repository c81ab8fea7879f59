"""What a model goes on to know of items that the new data set does not show.

The decisions of a store are a small part of what the first model was made of. What they do not show
would be forgotten else: its prior, its prototype, and with them that it is an item at all which
images tell from others. What is remembered is not vouched for: an item is shown only where enough
new images of it were judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.items import ItemTable
from depicts_model.linker.score import unit
from depicts_model.types import Qid

Vectors = NDArray[np.float32]
KEPT: Final = 0.9
"""Share of the count of an item that stays where the new data shows it less often. Not all of it:
what was taken out of the data for being wrong fades, by half in seven retrainings."""


def counts(items: ItemTable, uses: Mapping[Qid, int]) -> NDArray[np.int32]:
    """How often each item counts as shown (N,): as the new data says, or what is left of the old.

    Not their sum: most of what taught the old model is among the new data again.
    """
    new = np.array([uses.get(qid, 0) for qid in items.qids])
    old = (KEPT * items.n_train).astype(np.int64)
    found: NDArray[np.int32] = np.maximum(new, old).astype(np.int32)
    return found


def looks_of(items: ItemTable, shown: Collection[Qid]) -> tuple[Vectors, list[frozenset[Qid]]]:
    """Of each item that has a prototype and is not ``shown`` any more an image to learn from.

    The images are unit vectors (k, d), the prototypes where images are: brought back from the space
    in which they were whitened. Second: the item that each shows.
    """
    if items.prototypes is None:
        return items.vectors[:0], []
    there = items.prototypes.any(axis=1) & (KEPT * items.n_train >= 1)
    rows = [row for row in np.flatnonzero(there).tolist() if items.qids[row] not in shown]
    found = items.prototypes[rows]
    if items.whitening is not None and rows:
        # p = x W, as `score` whitens an image x
        found = np.linalg.solve(items.whitening.T.astype(np.float64), found.T).T.astype(np.float32)
    return unit(found), [frozenset({items.qids[row]}) for row in rows]
