"""The work that every system gets: candidates with their words, and three parts of images."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.experiments.whitening import Spread
from depicts_model.types import Qid

Vectors = NDArray[np.float32]
Rows = NDArray[np.intp]
Truth = tuple[frozenset[int], ...]
"""What an image shows: of each thing the rows of the candidates that name it. Several rows of one
thing are alternatives: either is right, and both together count once."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """n images."""

    vectors: Vectors
    """(n, d): unit vectors in the joint space."""
    raw: Vectors
    """(n, r): the frozen encoder's own feature, of any length above zero."""
    truths: tuple[Truth, ...]
    files: tuple[str, ...]

    def __post_init__(self) -> None:
        sizes = {len(self.vectors), len(self.raw), len(self.truths), len(self.files)}
        if len(sizes) != 1:
            raise ValueError(f"vectors, raw, truths and files differ in length: {sorted(sizes)}")

    def __len__(self) -> int:
        return len(self.files)

    def first(self) -> Rows:
        """(n,): one row for each image: the first thing's lowest alternative."""
        return np.array([min(truth[0]) for truth in self.truths], dtype=np.intp)

    def rows(self) -> tuple[frozenset[int], ...]:
        """For each image every row that is right."""
        return tuple(frozenset().union(*truth) for truth in self.truths)

    def take(self, at: Rows) -> Part:
        """The images of these numbers."""
        return Part(
            self.vectors[at],
            self.raw[at],
            tuple(self.truths[i] for i in at),
            tuple(self.files[i] for i in at),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One setting of one seed. N candidates, in the order of their numbers."""

    setting: str
    seed: int
    items: tuple[Qid, ...]
    labels: tuple[str, ...]
    descriptions: tuple[str, ...]
    """Empty where an item has none."""
    texts: Vectors
    """(N, d): unit vectors of "label description" in the joint space."""
    parents: tuple[tuple[int, ...], ...]
    """Of each candidate the rows of its parents at one hop that are candidates."""
    train: Part
    val: Part
    test: Part
    spread: Spread | None = None
    """Within the classes of E, in the joint space: a fact of the encoder, as the projection is.
    None where nothing tells it of such images."""

    def uses(self) -> Rows:
        """(N,): training images of each candidate; alternatives count fully each."""
        counts = np.zeros(len(self.items), dtype=np.intp)
        for rows in self.train.rows():
            counts[list(rows)] += 1
        return counts

    def blind(self) -> Work:
        """The same work with the test part's truths taken away, as systems get it."""
        hidden = tuple((frozenset[int](),) for _ in self.test.files)
        return replace(self, test=replace(self.test, truths=hidden))
