"""What a model goes on to know of items that the new data set shows less often, or not at all.

The decisions of a store are a small part of what the first model was made of. What they do not show
would be forgotten else: its prior, its prototype, and with them that it is an item at all which
images tell from others. What is remembered is not vouched for: an item is shown only where enough
new images of it were judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.fit_scores import Terms
from depicts_model.linker.items import ItemTable
from depicts_model.linker.score import unit
from depicts_model.types import Qid

Vectors = NDArray[np.float32]
Counts = NDArray[np.int32]
KEPT: Final = 0.9
"""Share of the count of an item that stays where the new data shows it less often. Not all of it:
what was taken out of the data for being wrong fades, by half in seven retrainings."""


def left(items: ItemTable, version: str) -> Counts:
    """What is left of each item's count (N,): `KEPT` of it, to the whole number above or below.

    Which one is drawn by the model's ``version``, the same in every run, so that on average exactly
    that share stays: of items that one image taught, one in ten is forgotten each time, and half
    in seven retrainings. Rounded down all of them were gone at once, rounded to the nearest four
    images would stay for ever.
    """
    seed = hashlib.blake2b(version.encode(), digest_size=8).digest()
    drawn = np.random.default_rng(int.from_bytes(seed, "little")).random(len(items.qids))
    return np.floor(KEPT * items.n_train + drawn).astype(np.int32)


def counts(items: ItemTable, uses: Mapping[Qid, int], old: Counts) -> Counts:
    """How often each item counts as shown (N,): as the new data says, or what is `left` of the old.

    Not their sum: most of what taught the old model is among the new data again.
    """
    new = np.array([uses.get(qid, 0) for qid in items.qids])
    found: Counts = np.maximum(new, old).astype(np.int32)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """The k prototypes of the old model that anything is left of."""

    rows: NDArray[np.intp]
    """(k,): of their items."""
    looks: Vectors
    """(k, d), unit rows, where images are."""
    weights: Vectors
    """(k,): images that each stands for, above 0."""

    @classmethod
    def of(cls, items: ItemTable, old: Counts, most: int, people: Collection[Qid]) -> Remembered:
        """Those of ``items``, brought back from the space in which they were whitened.

        ``old`` (N,): see `left`; ``most``: images that a prototype is made of. Nobody of ``people``
        is told by their looks, whatever the old model did.
        """
        if items.prototypes is None:
            return cls(np.empty(0, np.intp), items.vectors[:0], np.empty(0, np.float32))
        allowed = np.array([qid not in people for qid in items.qids])
        rows = np.flatnonzero(items.prototypes.any(axis=1) & (old > 0) & allowed)
        found = items.prototypes[rows]
        if items.whitening is not None:
            # p = x W, as `score` whitens an image x
            found = np.linalg.solve(items.whitening.T.astype(np.float64), found.T).T
        weights = np.minimum(old[rows], most).astype(np.float32)
        return cls(rows, unit(found.astype(np.float32)), weights)

    def beside(self, terms: Terms, images: Counts) -> Terms:
        """``terms`` of a score, with what is remembered in their prototypes, where there are any.

        Each is the mean of the old and the new one, by the images that either stands for;
        ``images`` (N,): how many show each item now. Either leans on the item's own vector already
        (`score.prototypes`), and does so no more for being remembered: where there is no new image
        the old prototype stays where it was.
        """
        if "prototypes" not in terms or not len(self.rows):
            return terms
        white, found = terms.get("whitening"), terms["prototypes"].copy()
        old = self.looks if white is None else unit(self.looks @ white)
        new = images[self.rows, None].astype(np.float32) * found[self.rows]
        found[self.rows] = unit(self.weights[:, None] * old + new)
        return {**terms, "prototypes": found}
