"""An uploader who judges for good never teaches, whatever a later data set makes of the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depicts_model.dataset.rows import Row
from depicts_model.dataset.shards import SPLITS
from depicts_model.dataset.splitting import ByUnits
from depicts_model.dataset.units import Units, clusters_by_hash
from depicts_model.linker.retraining import lessons as learning
from depicts_model.linker.retraining.lessons import SPOILT, TEST, TRAIN, VALIDATION, Lesson, Past
from depicts_model.linker.retraining.made_of import TRAINING, MadeOf, frozen
from depicts_model.types import Qid

THINGS = (frozenset({Qid("Q1")}),)
UPLOADERS = [*(f"{n:024x}" for n in range(150)), "", "", ""]


def files(chance: np.random.Generator) -> list[Row]:
    """400 of 150 uploaders and of nobody; some look like one of another uploader."""
    looks = chance.integers(0, 2**64, 1_000, dtype=np.uint64)
    return [
        Row(
            f"M{n}",
            "test",
            ((Qid("Q1"),),),
            uploader=UPLOADERS[chance.integers(len(UPLOADERS))],
            hash=int(chance.choice(looks)) ^ 1 << int(chance.integers(64)),
        )
        for n in range(400)
    ]


def data_set(rows: Sequence[Row], seed: int) -> list[Lesson]:
    """As a build of them parts them."""
    units = Units(clusters_by_hash(np.array([row.hash for row in rows], dtype=np.uint64)))
    for row in rows:
        units.add(row)
    split, found = ByUnits(units, seed, None), []
    for row in rows:
        unit = split.unit(row)
        side = split.side(row, unit) or ""
        found.append(Lesson(row.file, THINGS, unit, side, uploader=row.uploader, hash=row.hash))
    return sorted(found, key=lambda one: SPLITS.index(one.split))


@pytest.mark.parametrize("seed", range(4))
def test_who_judged_for_good_is_never_on_the_other_side(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over four retrainings, each of other files of the same people, parted by another lot."""
    monkeypatch.setattr(learning, "BATCH", 100)
    chance = np.random.default_rng(seed)
    rows, held, gone = files(chance), None, set[str]()
    for lot in range(4):
        there = [row for row in rows if chance.random() < 0.7]
        told = data_set(there, lot)
        now = list(Past(held).split(lambda told=told: told))  # type: ignore[misc]
        assert [one.file for one in now] == [one.file for one in told]
        judge = [one for one in now if one.split == TEST]
        teach = [one for one in now if one.split != TEST]
        assert judge and teach and gone.isdisjoint(one.drawn_with() for one in teach)
        assert {one.unit for one in judge}.isdisjoint(one.unit for one in teach)
        drawn = frozen(judge)
        gone |= {one.uploader for one in judge if drawn.has([one]).all()} - {""}
        held = drawn if held is None else held | drawn
    assert len(gone) > 5, "or nothing was tried"


def lesson(file: str, unit: str, split: str = TRAIN, **more: object) -> Lesson:
    return replace(Lesson(file, THINGS, unit, split), **more)  # type: ignore[arg-type]


def drawn() -> Lesson:
    """One of the test split whose uploader is drawn."""
    some = (lesson("held.jpg", "file:held.jpg", TEST, uploader=f"{n:x}") for n in range(100))
    return next(one for one in some if frozen([one]).has([one]).all())


def sides(held: MadeOf, *told: Lesson) -> list[str]:
    return [one.split for one in Past(held).split(lambda: told)]


def test_a_near_duplicate_takes_its_whole_unit_along() -> None:
    """Wherever in the data it lies, before the one that looks alike or after it."""
    one = replace(drawn(), hash=0b1111)
    told = (
        lesson("before.jpg", "file:a", uploader="another"),
        lesson("alike.jpg", "file:a", uploader="another", hash=0b0111),
        lesson("else.jpg", "file:b", uploader="a third", hash=2**64 - 1),
        lesson("after.jpg", "file:a", VALIDATION, uploader="a fourth"),
    )
    assert sides(frozen([one]), *told) == [TEST, TEST, TRAIN, TEST]
    assert [one.shard for one in Past(frozen([one])).split(lambda: told)] == [
        TRAIN,
        TRAIN,
        "",
        VALIDATION,
    ], "they lie where they lay"


def test_an_uploader_takes_the_unit_of_a_new_file_along() -> None:
    """None of whose files judged: it is only joined by what nobody had seen then."""
    one = drawn()
    new = lesson("new.jpg", "file:c", uploader=one.uploader)
    assert sides(frozen([one]), lesson("c.jpg", "file:c", uploader="else"), new) == [TEST, TEST]


def test_a_unit_of_nobody_is_known_by_its_files_when_it_has_another_name() -> None:
    some = [lesson(f"M{n}", "file:M1", TEST, sha1=f"{n:040d}") for n in range(3)]
    names = (f"file:M{n}" for n in range(100))
    some = next(
        now for name in names if len(frozen(now := [replace(one, unit=name) for one in some]).marks)
    )
    again = [replace(one, unit="file:A", split=TRAIN) for one in some[1:]]
    more = lesson("A", "file:A")
    assert sides(frozen(some), more, *again) == [TEST] * 3
    same = lesson("later", some[0].unit)
    assert sides(frozen(some), same, lesson("else", "file:else")) == [TEST, TRAIN]


def test_what_a_held_unit_taught_before_neither_teaches_nor_judges() -> None:
    one = drawn()
    old = lesson("old.jpg", "file:c", uploader="else")
    new = lesson("new.jpg", "file:c", uploader=one.uploader)
    past = Past(frozen([one]), (MadeOf.of([old]),))
    assert [one.split for one in past.split(lambda: (old, new))] == [SPOILT, TEST]


def test_the_list_remembers_uploaders_and_an_older_one_is_read_too(tmp_path: Path) -> None:
    one = drawn()
    new = lesson("new.jpg", "file:new.jpg", uploader=one.uploader)
    path = tmp_path / TRAINING
    path.write_bytes(frozen([one]).to_bytes())
    found = MadeOf.read(tmp_path)
    assert found is not None and found.has([one, new]).tolist() == [True, True]
    assert (found | MadeOf.of([])).has([new]).all()
    np.savez(path, files=found.marks, hashes=found.hashes)
    older = MadeOf.read(tmp_path)
    assert older is not None and older.has([one, new]).tolist() == [True, False]


def test_a_list_of_what_taught_knows_files_alone() -> None:
    """Another file of an uploader who taught may judge: the data set says who does."""
    one = drawn()
    new = lesson("new.jpg", "file:new.jpg", uploader=one.uploader)
    assert MadeOf.of([one]).has([one, new]).tolist() == [True, False]
