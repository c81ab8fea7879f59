"""What a model is fitted on and judged by: files with what they show, each with its role."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
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
SPOILT: Final = "spoilt"
"""In place of the split of what may not judge, and would."""


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
Telling = Callable[[], Iterable[Lesson]]
"""Tells the lessons, as often as it is asked: millions of them are not kept."""
BATCH: Final = 4_096
"""Lessons that the past is asked about at a time."""
_MADE_OF: Final = "the model that serves, or that is started from, was made of them"
_TAKEN: Final = "teach nothing: of their units something judged an earlier model, or looks like it"


class Files(Protocol):
    """Files of which something is known."""

    def has(self, lessons: Sequence[Lesson]) -> NDArray[np.bool_]:
        """Which of the lessons (n,) are among them."""


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier models had of the files."""

    held_out: Files | None = None
    """What judged one that served: it goes on to judge with all of its unit, and teaches nothing.
    """
    made: tuple[Files, ...] = ()
    """What the models were made of that this one starts from, or is compared with: none of it
    judges."""

    def split(self, lessons: Telling) -> Iterator[Lesson]:
        """The lessons with the split that is theirs now; `SPOILT` where they can be in none.

        They are told twice where anything is held out.
        """
        held = self._held(lessons)
        for some in _batches(lessons()):
            now = [_judging_again(one) if one.unit in held else one for one in some]
            judging = [at for at, one in enumerate(now) if one.split == TEST]
            for at in self._spoilt(now, judging):
                now[at] = replace(now[at], split=SPOILT)
            yield from now

    def _held(self, lessons: Telling) -> Set[str]:
        """The units of which anything is held out, which may be the last of their files."""
        if (files := self.held_out) is None:
            return frozenset()
        units = set[str]()
        for some in _batches(lessons()):
            units.update(some[at].unit for at in np.flatnonzero(files.has(some)))
        return units

    def _spoilt(self, lessons: Sequence[Lesson], rows: Sequence[int]) -> Iterator[int]:
        if not rows:  # most batches: to be asked about none costs as much as about some
            return iter(())
        asked = [lessons[at] for at in rows]
        known = [files.has(asked) for files in self.made]
        return (at for at, *found in zip(rows, *known, strict=True) if any(found))


@dataclass(frozen=True, slots=True)
class Limits:
    """How many images are looked at; more of them are counted, no more."""

    seen_per_item: int = 50
    score: int = 1_000
    """For each of the two lots that the score is fitted by, which is what takes memory."""
    vouching: int = 10_000
    """For each of the two that calibrate and choose the threshold. Of items that fewer than 13 of
    these show nothing is suggested: the more of them, the more items a model may show."""
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
    spoilt: int = 0
    """How many files are not among them because a model of the past was made of them."""
    taken: int = 0
    """How many files of train and validation teach nothing because their unit is held out."""

    @classmethod
    def of(
        cls,
        lessons: Telling,
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
        spoilt = taken = 0
        present = (past or Past()).split(lessons)
        for at, lesson in enumerate(_standing(lesson, facts) for lesson in present):
            taken += bool(lesson.shard)
            if lesson.split == SPOILT:
                spoilt += 1
                continue
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
        found = cls(tuple(lesson for _, _, lesson in roled), roles, uses, least, spoilt, taken)
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
        spoilt = f"; {self.spoilt} more files do not judge: {_MADE_OF}" if self.spoilt else ""
        taken = f"; {told}" if (told := self.told_of_taken()) else ""
        enough.check(units, self.least, spoilt + taken + more)

    def told_of_taken(self) -> str:
        """How many files teach nothing, and why; empty where there are none. One logo in common
        joins many uploaders to one who is held out, and what is missing is not looked for there.
        """
        return f"{self.taken} files of train or validation {_TAKEN}" if self.taken else ""

    def items(self, role: int) -> Iterator[frozenset[Qid]]:
        """What each file of this role shows, in order."""
        return (self.chosen[row].truth() for row in self.rows(role))


def _batches(lessons: Iterable[Lesson]) -> Iterator[list[Lesson]]:
    each = iter(lessons)
    while some := list(islice(each, BATCH)):
        yield some


def _judging_again(lesson: Lesson) -> Lesson:
    return lesson if lesson.split == TEST else replace(lesson, split=TEST, shard=lesson.split)


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
        most = _most(role, limits)
        found += [(at, role, lesson) for _, at, lesson in heapq.nsmallest(most, pool)]
    return found


def _most(role: int, limits: Limits) -> int:
    if role == HOLDOUT:
        return limits.holdout
    return limits.score if role in (WEIGHTS, TERMS) else limits.vouching


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
