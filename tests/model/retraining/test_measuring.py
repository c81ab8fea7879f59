"""What the gate is told of a model, by one that says what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from depicts_model.linker.calibration import Calibration
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.link import Linker
from depicts_model.linker.retraining import measuring
from depicts_model.linker.retraining.lessons import Lesson
from depicts_model.linker.retraining.measuring import displayed, may_show, timed, violated
from depicts_model.linker.select import Choice
from depicts_model.settings import Settings
from depicts_model.types import Qid
from tests.model.linker.conftest import LEAVES as KINDS
from tests.model.linker.conftest import save
from tests.model.linker.watched import Watched
from tests.model.linker.world import ZOO, World, q

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


def test_the_safety_set_does_not_pile_up_evidence(tmp_path: Path) -> None:
    save(tmp_path / "model", threshold=0.05)
    world: Any = ZOO
    linker = Linker.load(tmp_path / "model", world, Settings())
    watched: Any = Watched(linker.head)
    lessons = [lesson(KINDS[n % len(KINDS)]) for n in range(20)]
    vectors = np.random.default_rng(1).normal(size=(20, linker.encoder.dim)).astype(np.float32)
    assert violated(replace(linker, head=watched), world, lessons, vectors) == []
    assert watched.most <= 2, "an image's own, and that of the one before it"


def test_what_may_be_shown_is_what_enough_images_judged_and_nothing_bars(tmp_path: Path) -> None:
    """Twelve nodes: of two too few photos were judged, one is barred, one is too general."""
    world: Any = replace(ZOO, never_suggest=frozenset({q(7)}), too_general=frozenset({q(1)}))

    def count(threshold: float | None) -> int:
        folder = tmp_path / f"{threshold}"
        save(folder, threshold=threshold)
        found = Calibration.read(folder / "calibration.json")
        few = replace(found, supported={**(found.supported or {}), q(9): 19, q(10): 19, q(12): 20})
        linker = Linker.load(folder, world, Settings())
        artefact = replace(linker.artefact, calibration=few)
        return may_show(Linker.of(artefact, linker.encoder, world, Settings()))

    assert (count(0.5), count(None)) == (8, 0)


@pytest.mark.parametrize("slower", [0.5, 1.0, 3.0])
def test_the_clock_runs_as_long_whoever_seems_slow(
    slower: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The least of twelve looks is less than that of three: a figure must not order them."""
    taken: list[Any] = []

    def once(linker: Any, image: bytes, vector: Any) -> float:
        taken.append(linker)
        return slower if linker == "new" else 1.0

    monkeypatch.setattr(measuring, "_once", once)
    names: Any = ("new", "current")
    found = timed(names, [np.zeros((5, 2), np.float32)] * 2)
    assert [seconds.tolist() for seconds in found] == [[slower] * 5, [1.0] * 5]
    assert taken.count("new") == taken.count("current") == 5 * measuring.ROUNDS
