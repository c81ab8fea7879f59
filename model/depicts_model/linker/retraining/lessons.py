"""What a model is fitted on and judged by: files with what they show, each with its role."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.facts import Facts
from depicts_model.linker.retraining import enough
from depicts_model.types import Qid

SEEN, CALIBRATION, THRESHOLDS, HOLDOUT = range(4)
ROLES: Final = ("seen", "calibration", "thresholds", "holdout")
"""Seen: prior, prototypes, whitening. Calibration and thresholds, a slice of their own: weights,
calibrator, threshold. Holdout: nothing but figures."""
TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")
"""Of the data set."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A file. ``things``: for each thing in it the items that name it, of which either is right."""

    file: str
    things: tuple[frozenset[Qid], ...]
    unit: str
    """What is never parted: the data set's unit, of uploaders with near-duplicates in common."""
    split: str
    sha1: str = ""
    source: str = ""
    place: str = ""
    """Where its image is, in the words of who reads it."""
    uploader: str = ""
    """Hashed; empty where nobody knows."""
    hash: int | None = None
    """Perceptual, 64 bits."""

    def truth(self) -> frozenset[Qid]:
        """Every item that is right."""
        return frozenset[Qid]().union(*self.things)

    def drawn_with(self) -> str:
        """What the bootstrap draws it together with: all of one uploader, where that is known."""
        return self.uploader or self.unit


@dataclass(frozen=True, slots=True)
class Limits:
    """How many images are looked at; more of them are counted, no more."""

    seen_per_item: int = 50
    judging: int = 1_000
    """For the calibration, and as many for the thresholds."""
    holdout: int = 4_000


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """The n files whose images are looked at, in the data set's order."""

    chosen: tuple[Lesson, ...]
    roles: NDArray[np.uint8]
    """(n,)."""
    uses: Mapping[Qid, int]
    """Item to how many files of the training split show it, looked at or not."""
    least: Mapping[str, enough.Count]
    """What each role must have."""

    @classmethod
    def of(
        cls, lessons: Iterable[Lesson], facts: Facts, limits: Limits, compared: bool = False
    ) -> Lessons:
        """Choose from ``lessons``; of duplicates of an item the representative stands for all.

        ``compared``: there is a model to be compared with. Raises ArtefactError where they are too
        few, naming what there is of each role.
        """
        uses: Counter[Qid] = Counter()
        kept: list[tuple[int, int, Lesson]] = []
        pools: dict[int, list[tuple[str, int, Lesson]]] = {r: [] for r in (1, 2, 3)}
        for at, lesson in enumerate(_standing(lesson, facts) for lesson in lessons):
            role = _role(lesson)
            if role == SEEN:
                if any(uses[qid] < limits.seen_per_item for qid in lesson.truth()):
                    kept.append((at, role, lesson))
                uses.update(lesson.truth())
            else:
                pools[role].append((_lot(lesson.file), at, lesson))
        for role, pool in pools.items():
            most = limits.holdout if role == HOLDOUT else limits.judging
            kept += [(at, role, lesson) for _, at, lesson in heapq.nsmallest(most, pool)]
        kept.sort(key=lambda one: one[0])
        roles = np.array([role for _, role, _ in kept], dtype=np.uint8)
        least = enough.least_of(compared)
        found = cls(tuple(lesson for _, _, lesson in kept), roles, uses, least)
        found.check()
        return found

    def rows(self, role: int) -> NDArray[np.intp]:
        """Row numbers of the files with this role."""
        return np.flatnonzero(self.roles == role)

    def take(self, there: NDArray[np.bool_]) -> Lessons:
        """Without the files whose images are not ``there`` (n,); see `of` for what it raises."""
        chosen = tuple(one for one, is_there in zip(self.chosen, there, strict=True) if is_there)
        found = replace(self, chosen=chosen, roles=self.roles[there])
        gone = int((~there).sum())
        found.check(f"; {gone} of {len(there)} images are not there" if gone else "")
        return found

    def check(self, more: str = "") -> None:
        """Raise ArtefactError where a role has too little; ``more``: why that may be."""
        units = {
            name: [self.chosen[row].drawn_with() for row in self.rows(role)]
            for role, name in enumerate(ROLES)
        }
        enough.check(units, self.least, more)

    def items(self, role: int) -> Iterator[frozenset[Qid]]:
        """What each file of this role shows, in order."""
        return (self.chosen[row].truth() for row in self.rows(role))


def _standing(lesson: Lesson, facts: Facts) -> Lesson:
    things = tuple(frozenset(map(facts.representative, thing)) for thing in lesson.things)
    return replace(lesson, things=things)


def _role(lesson: Lesson) -> int:
    """By the split; the validation split is halved by its units."""
    if lesson.split == TRAIN:
        return SEEN
    if lesson.split == TEST:
        return HOLDOUT
    return CALIBRATION if int(_lot(lesson.unit), 16) % 2 else THRESHOLDS


def _lot(name: str) -> str:
    """What draws: the same for a name in every run."""
    return blake2b(name.encode(), digest_size=8, person=b"depicts-lot").hexdigest()
