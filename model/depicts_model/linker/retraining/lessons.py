"""What a model is fitted on and judged by: files with what they show, each with its role."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.facts import Facts
from depicts_model.linker.retraining import enough
from depicts_model.types import Qid

SEEN, WEIGHTS, TERMS, CALIBRATION, THRESHOLDS, HOLDOUT = range(6)
ROLES: Final = ("seen", "weights", "terms", "calibration", "thresholds", "holdout")
"""Seen: prior, prototypes, whitening. Weights fit the weights of the score, terms choose which of
its terms stay. Calibration and thresholds, which chose nothing of the score: calibrator, threshold.
Holdout: nothing but figures."""
_PARTS: Final = {WEIGHTS: 1, TERMS: 1, CALIBRATION: 2, THRESHOLDS: 2}
"""Of the validation split: a third for the score, the rest vouches for what is shown."""
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
    """What it is used for."""
    sha1: str = ""
    source: str = ""
    place: str = ""
    """Where its image is, in the words of who reads it."""
    uploader: str = ""
    """Hashed; empty where nobody knows."""
    hash: int | None = None
    """Perceptual, 64 bits."""
    shard: str = ""
    """The split in whose shards of the data set it lies, where that is another one."""

    def truth(self) -> frozenset[Qid]:
        """Every item that is right."""
        return frozenset[Qid]().union(*self.things)

    def drawn_with(self) -> str:
        """What the bootstrap draws it together with: all of one uploader, where that is known."""
        return self.uploader or self.unit


_Numbered = tuple[int, Lesson]
BATCH: Final = 4_096
"""Lessons that the past is asked about at a time."""


class Files(Protocol):
    """Files of which something is known."""

    def has(self, lessons: Sequence[Lesson]) -> NDArray[np.bool_]:
        """Which of the lessons (n,) are among them."""


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier models had of the files."""

    held_out: Files | None = None
    """What judged one that served: it goes on to judge, and teaches nothing."""
    made: tuple[Files, ...] = ()
    """What the models were made of that this one starts from, or is compared with: none of it
    judges."""

    def split(self, lessons: Sequence[Lesson]) -> Iterator[Lesson]:
        """The lessons with the split that is theirs now, without what can be in none."""
        lessons = [
            replace(one, split=TEST, shard=one.shard or one.split) if held else one
            for one, held in zip(lessons, self._held(lessons), strict=True)
        ]
        judging = [one for one in lessons if one.split == TEST]
        spoilt = np.zeros(len(judging), dtype=bool)
        for files in self.made:
            spoilt |= files.has(judging)
        gone = iter(spoilt.tolist())
        return (one for one in lessons if one.split != TEST or not next(gone))

    def _held(self, lessons: Sequence[Lesson]) -> NDArray[np.bool_]:
        files = self.held_out
        return np.zeros(len(lessons), dtype=bool) if files is None else files.has(lessons)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many images are looked at; more of them are counted, no more."""

    seen_per_item: int = 50
    judging: int = 1_000
    """For each of the four lots of the validation split."""
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
        cls,
        lessons: Iterable[Lesson],
        facts: Facts,
        limits: Limits,
        compared: bool = False,
        past: Past | None = None,
    ) -> Lessons:
        """Choose from ``lessons``; of duplicates of an item the representative stands for all.

        ``compared``: there is a model to be compared with; ``past``: what earlier ones had. Raises
        ArtefactError where they are too few, naming what there is of each role.
        """
        uses: Counter[Qid] = Counter()
        kept: list[_Numbered] = []
        judging: list[_Numbered] = []
        present = _since(past or Past(), lessons)
        for at, lesson in enumerate(_standing(lesson, facts) for lesson in present):
            if lesson.split != TRAIN:
                judging.append((at, lesson))
                continue
            if any(uses[qid] < limits.seen_per_item for qid in lesson.truth()):
                kept.append((at, lesson))
            uses.update(lesson.truth())
        roled = [(at, SEEN, lesson) for at, lesson in kept] + _judging(judging, limits)
        roled.sort(key=lambda one: one[0])
        roles = np.array([role for _, role, _ in roled], dtype=np.uint8)
        least = enough.least_of(compared)
        found = cls(tuple(lesson for _, _, lesson in roled), roles, uses, least)
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


def _since(past: Past, lessons: Iterable[Lesson]) -> Iterator[Lesson]:
    each = iter(lessons)
    while some := list(islice(each, BATCH)):
        yield from past.split(some)


def _standing(lesson: Lesson, facts: Facts) -> Lesson:
    things = tuple(frozenset(map(facts.representative, thing)) for thing in lesson.things)
    return replace(lesson, things=things)


def _judging(lessons: Sequence[_Numbered], limits: Limits) -> list[tuple[int, int, Lesson]]:
    """Those of validation and test that are looked at, each with its role, a lot of each role."""
    parts = _parted(lesson.unit for _, lesson in lessons if lesson.split == VALIDATION)
    pools: dict[int, list[tuple[str, int, Lesson]]] = {role: [] for role in (*_PARTS, HOLDOUT)}
    for at, lesson in lessons:
        role = HOLDOUT if lesson.split == TEST else parts[lesson.unit]
        pools[role].append((_lot(lesson.file), at, lesson))
    found = []
    for role, pool in pools.items():
        most = limits.holdout if role == HOLDOUT else limits.judging
        found += [(at, role, lesson) for _, at, lesson in heapq.nsmallest(most, pool)]
    return found


def _parted(units: Iterable[str]) -> dict[str, int]:
    """The role of each unit of the validation split: drawn in turn, each for what has least of its
    part so far, so that a few units make even parts too. ``units``: one for each file.
    """
    sizes, filled = Counter(units), dict.fromkeys(_PARTS, 0)
    found = {}
    for unit in sorted(sizes, key=_lot):
        found[unit] = min(filled, key=lambda role: filled[role] / _PARTS[role])
        filled[found[unit]] += sizes[unit]
    return found


def _lot(name: str) -> str:
    """What draws: the same for a name in every run."""
    return blake2b(name.encode(), digest_size=8, person=b"depicts-lot").hexdigest()
