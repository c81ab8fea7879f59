"""The candidates with training images: all that a system without words can tell apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.experiments.work import Part, Rows, Vectors, Work

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """C of the N candidates, in the order of their rows."""

    rows: Rows
    """(C,)."""
    texts: Vectors
    """(N, d): the words of all candidates; those without training images go by them."""

    @classmethod
    def of(cls, work: Work) -> Classes:
        """The classes of the training part."""
        return cls(np.flatnonzero(work.uses()), work.texts)

    def shares(self, part: Part) -> Scores:
        """(n, C): an image's things have equal shares, and so have the alternatives of a thing.

        A row sums to 1 where all that the image shows has training images.
        """
        column = {int(row): at for at, row in enumerate(self.rows)}
        shares = np.zeros((len(part), len(self.rows)), dtype=np.float32)
        for at, truth in enumerate(part.truths):
            for thing in truth:
                known = [column[row] for row in thing if row in column]
                shares[at, known] += np.float32(1 / (len(truth) * len(thing)))
        return shares

    def among_all(self, scores: Scores, part: Part) -> Scores:
        """(n, C) scores of the classes to (n, N): the others rank below them, by text cosine."""
        everyone: Scores = part.vectors @ self.texts.T
        floor = everyone.max(axis=1, keepdims=True) + 1
        everyone[:, self.rows] = floor + scores - scores.min(axis=1, keepdims=True)
        return everyone
