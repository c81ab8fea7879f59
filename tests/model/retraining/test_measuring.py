"""What the gate is told of a model, by one that says what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.retraining.lessons import Lesson
from depicts_model.linker.retraining.measuring import displayed
from depicts_model.linker.select import Choice
from depicts_model.types import Qid
from tests.model.linker.world import World, q

MANY = 330
ROOT, GROUP, OTHER = q(1), q(2), q(3)
LEAVES = tuple(q(10 + n) for n in range(MANY))
TREE: Any = World(
    {ROOT: (), GROUP: (ROOT,), OTHER: (ROOT,)}
    | {leaf: (GROUP if n < 3 else OTHER,) for n, leaf in enumerate(LEAVES)}
)
"""Far more below the root, and below one of its two groups, than an ancestor may have that is
called right."""


@dataclass(frozen=True)
class Teller:
    """A linker that shows what it is told to."""

    shows: Sequence[Sequence[Qid]]

    @property
    def head(self) -> Any:
        hierarchy = Hierarchy.from_catalog(TREE, LEAVES)
        return SimpleNamespace(hierarchy=hierarchy, read=lambda vectors: range(len(vectors)))

    @property
    def selector(self) -> Any:
        return SimpleNamespace(choose=self._choose)

    def _choose(self, at: int) -> tuple[Choice, ...]:
        index = self.head.hierarchy.index
        return tuple(Choice(index[qid], qid, 0.9, 0, False) for qid in self.shows[at])


def lesson(*things: Qid) -> Lesson:
    return Lesson("a.jpg", tuple(frozenset({thing}) for thing in things), "unit", "test")


@pytest.mark.parametrize(
    ("shown", "right"),
    [
        (LEAVES[0], True),
        (GROUP, True),
        (ROOT, False),
        (LEAVES[1], False),
        (OTHER, False),
    ],
)
def test_what_says_too_little_is_not_right(shown: Qid, right: bool) -> None:
    """Whatever floor the product has: this one has none."""
    teller: Any = Teller([[shown]])
    vectors = np.zeros((1, 2), np.float32)
    found = displayed(teller, TREE, [lesson(LEAVES[0])], vectors)
    assert (found[0].tolist(), found[1], found[2]) == ([float(right)], [0.9], [right])
