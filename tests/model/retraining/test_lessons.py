"""Who teaches, who calibrates, who judges: what belongs together has one role."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from depicts_model.catalog import Catalog
from depicts_model.cli_retrain import lessons_of
from depicts_model.dataset import building, progress
from depicts_model.dataset.reading import open_dataset
from depicts_model.dataset.tables import Table
from depicts_model.linker.retraining.lessons import Lesson, Lessons, Limits

from .places import KINDS, Place

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


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
    return list(lessons_of(open_dataset(folder / "dataset")))


def test_uploaders_with_the_same_picture_have_one_role(place: Place, lessons: list[Lesson]) -> None:
    """None of them calibrates what the other one certifies."""
    with Catalog.open(place.catalog) as catalog:
        found = Lessons.of(lessons, catalog, Limits(1_000, 1_000, 1_000))
    role_of: dict[str, set[int]] = {}
    for lesson, role in zip(found.chosen, found.roles.tolist(), strict=True):
        role_of.setdefault(lesson.sha1, set()).add(role)
        role_of.setdefault(lesson.uploader, set()).add(role)
    assert len(found.chosen) == 1_200 and all(len(roles) == 1 for roles in role_of.values())


def test_the_bootstrap_still_knows_each_uploader(lessons: list[Lesson]) -> None:
    assert len({lesson.uploader for lesson in lessons}) == 600
    assert len({lesson.unit for lesson in lessons}) == 300
