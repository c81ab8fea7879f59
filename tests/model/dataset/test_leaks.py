"""Every kind of leak, planted, is found; a data set without any passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from depicts_model.dataset import leaks, manifest, reading
from depicts_model.dataset.inputs import sha256_of, size_of
from depicts_model.dataset.leaks import LeakError
from depicts_model.dataset.manifest import DatasetManifest, Shard
from depicts_model.dataset.rows import Row
from depicts_model.dataset.shards import SPLITS, TEST, TRAIN, VALIDATION, Shards
from tests.model.dataset.sources import row

DAY = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = DatasetManifest(
    1, "commons", "units", ("file",), 0, "x", {}, (), {}, {}, {}, {}, {}, {}, ()
)


def written(folder: Path, sides: dict[str, list[tuple[Row, str]]], **said: object) -> Path:
    """A data set of these rows and units by split, whatever they leak."""
    shards = []
    for split in SPLITS:
        made = Shards(folder, split, 10)
        for one, unit in sides.get(split, []):
            made.add(one, unit)
        made.close()
        for name, rows in made.files:
            path = folder / name
            shards.append(Shard(name, split, rows, size_of(path), sha256_of(path)))
    manifest.write(folder, replace(PLAIN, shards=tuple(shards), **said))  # type: ignore[arg-type]
    return folder


def checked(folder: Path) -> None:
    reading.check(reading.open_dataset(folder))


A, B = row("M1", 1), row("M2", 1)
PLANTED = {
    "files": (A, A, ("1", "2")),
    "units": (A, B, ("1", "1")),
    "uploaders": (replace(A, uploader="ann"), replace(B, uploader="ann"), ("1", "2")),
    "contents": (replace(A, sha1="a" * 40), replace(B, sha1="a" * 40), ("1", "2")),
    "perceptual hashes": (replace(A, hash=0), replace(B, hash=0b111111 << 30), ("1", "2")),
}


@pytest.mark.parametrize("sides", [(TRAIN, TEST), (TRAIN, VALIDATION), (VALIDATION, TEST)])
@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_leak_is_found(tmp_path: Path, what: str, sides: tuple[str, str]) -> None:
    one, other, units = PLANTED[what]
    with pytest.raises(LeakError, match=rf"1 {what} .*in {sides[0]}.* {sides[1]}"):
        checked(written(tmp_path, {sides[0]: [(one, units[0])], sides[1]: [(other, units[1])]}))


def test_absent_values_and_hashes_that_differ_enough_leak_nothing(tmp_path: Path) -> None:
    one, other = replace(A, hash=0), replace(B, hash=0b1111111 << 30)
    checked(written(tmp_path, {TRAIN: [(one, "1"), (row("M3", 1), "3")], TEST: [(other, "2")]}))


@pytest.mark.parametrize("split", [TRAIN, VALIDATION])
def test_a_file_newer_than_test_is_found(tmp_path: Path, split: str) -> None:
    newer, older = replace(A, time=DAY + timedelta(seconds=1)), replace(B, time=DAY)
    sides = {split: [(newer, "1")], TEST: [(older, "2")]}
    with pytest.raises(LeakError, match=f"a file of {split} is of 2026-01-01"):
        checked(written(tmp_path, sides, unit=("file", "time")))


def test_by_lot_a_file_may_be_newer_than_test(tmp_path: Path) -> None:
    newer, older = replace(A, time=DAY + timedelta(seconds=1)), replace(B, time=DAY)
    checked(written(tmp_path, {TRAIN: [(newer, "1")], TEST: [(older, "2")]}))


def test_a_random_split_keeps_a_file_together_and_tells_what_straddles(tmp_path: Path) -> None:
    one, other, _ = PLANTED["uploaders"]
    sides = {TRAIN: [(replace(one, hash=1), "1")], TEST: [(replace(other, hash=2), "2")]}
    folder = written(tmp_path, sides, split="random")
    checked(folder)
    found = reading.straddling(reading.open_dataset(folder))
    assert found == {"uploaders": 1, "contents": 0, "near-duplicates of train in test": 1}
    (tmp_path / "b").mkdir()
    with pytest.raises(LeakError, match="1 files are in train and test, such as M1"):
        checked(written(tmp_path / "b", {TRAIN: [(A, "1")], TEST: [(A, "1")]}, split="random"))


def test_straddling_hashes_are_those_of_the_first_side() -> None:
    one, other = np.array([7, 1 << 40], np.uint64), np.array([0, 0], np.uint64)
    found = leaks.straddling(one | np.uint64(0xFFFF << 44), other | np.uint64(0xFFFF << 44))
    assert found.tolist() == sorted((one | np.uint64(0xFFFF << 44)).tolist())
