"""Who teaches, who calibrates, who judges: what belongs together has one role."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from depicts_model.catalog import Catalog
from depicts_model.cli_retrain import lessons_of
from depicts_model.dataset import building, progress
from depicts_model.dataset.reading import Dataset, open_dataset
from depicts_model.dataset.rows import Row
from depicts_model.dataset.shards import TRAIN, table_of
from depicts_model.dataset.tables import Table
from depicts_model.linker.retraining.lessons import Lesson, Lessons, Limits
from depicts_model.types import Qid

from .places import KINDS, Place

SLOW = pytest.mark.slow


@pytest.fixture(scope="module")
def lessons(place: Place, tmp_path_factory: pytest.TempPathFactory) -> list[Lesson]:
    """Of 600 uploaders with a file of their own, and one that the next one uploaded too."""
    folder = tmp_path_factory.mktemp("lessons")
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        told = csv.writer(file)
        told.writerow(("file", "items", "sha1", "uploader"))
        for n in range(600):
            kind = KINDS[n % len(KINDS)]
            told.writerow((f"own-{n}.png", kind, f"{n:040x}", f"user {n}"))
            told.writerow((f"common-{n}.png", kind, f"{10_000 + n // 2:040x}", f"user {n}"))
    return _read(place, folder)


def _read(place: Place, folder: Path) -> list[Lesson]:
    with Catalog.open(place.catalog) as catalog:
        plan = building.Plan((Table(folder / "table.csv", None, progress.shown),), hashes=False)
        around = building.Surroundings(catalog, None, progress.shown, print)
        building.build(plan, around, folder / "dataset")
    return list(lessons_of(open_dataset(folder / "dataset"), {}))


@SLOW
def test_uploaders_with_the_same_picture_have_one_role(place: Place, lessons: list[Lesson]) -> None:
    """None of them calibrates what the other one certifies."""
    with Catalog.open(place.catalog) as catalog:
        found = Lessons.of(lambda: lessons, catalog, Limits(1_000, 1_000, 1_000, 1_000))
    role_of: dict[str, set[int]] = {}
    for lesson, role in zip(found.chosen, found.roles.tolist(), strict=True):
        role_of.setdefault(lesson.sha1, set()).add(role)
        role_of.setdefault(lesson.uploader, set()).add(role)
    assert len(found.chosen) == 1_200 and all(len(roles) == 1 for roles in role_of.values())


@SLOW
def test_the_bootstrap_still_knows_each_uploader(lessons: list[Lesson]) -> None:
    assert len({lesson.uploader for lesson in lessons}) == 600
    assert len({lesson.unit for lesson in lessons}) == 300


@dataclass(frozen=True)
class Rows:
    """A data set in memory, all of it to train on."""

    rows: tuple[Row, ...]

    def batches(self, split: str, columns: list[str]) -> list[pa.RecordBatch]:
        """See `Dataset`."""
        table = table_of(self.rows if split == TRAIN else (), self._units(split))
        return [batch.select(columns) for batch in table.to_batches()]

    def _units(self, split: str) -> list[str]:
        return [row.file for row in self.rows] if split == TRAIN else []


CAT, TABBY, DOG = Qid("Q146"), Qid("Q1124"), Qid("Q144")
ONE, TWO = "1" * 40, "2" * 40


def taught(rows: list[Row], refused: dict[str, set[Qid]] | None = None) -> list[Any]:
    """File and things of each lesson."""
    found = lessons_of(cast(Dataset, Rows(tuple(rows))), refused or {})
    return [(lesson.file, [sorted(thing) for thing in lesson.things]) for lesson in found]


def test_what_people_refused_teaches_nothing_whoever_says_it() -> None:
    """A dump goes on to say it; of the file of a dump the content is not known."""
    said = ((CAT,), (DOG,))
    asked = Row("M1", "decisions", ((DOG,),), (CAT,), sha1=ONE)
    dump = Row("M1", "dump", said)
    copy = Row("M2", "table", ((CAT, TABBY),), sha1=ONE)
    only = Row("M3", "table", ((CAT,),), sha1=ONE)
    newer = Row("M1", "table", said, sha1=TWO)
    assert taught([dump, asked, copy, only, newer]) == [
        ("M1", [[DOG]]),
        ("M1", [[DOG]]),
        ("M2", [[TABBY]]),
        ("M1", [[CAT], [DOG]]),
    ]


def test_what_the_store_says_is_refused_counts_for_any_data_set() -> None:
    row = Row("M1", "table", ((CAT,), (DOG,)), sha1=ONE)
    assert taught([row], {ONE: {DOG}}) == [("M1", [[CAT]])]
    assert taught([row], {TWO: {DOG}}) == [("M1", [[CAT], [DOG]])]
