"""No near-duplicate straddles the split, and the test takes part in nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from depicts_model.dataset.duplicates import near
from depicts_model.errors import ArtefactError
from depicts_model.linker.training import photos as lists
from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.photos import (
    CALIBRATION,
    JUDGING,
    LEFT_OUT,
    REPORT,
    ROLES,
    STRANGERS,
    TERMS,
    TEST,
    THRESHOLDS,
    TRAIN,
    WEIGHTS,
    Listed,
    Photos,
)
from depicts_model.types import Qid

HEAD = b"file,items,label,set,confidence\n"


def photos_of(hashes: list[int], sources: list[str], items: Sequence[int] = (146,)) -> Photos:
    listed = tuple(
        Listed(f"{source}/{row}.jpg", (Qid(f"Q{items[row % len(items)]}"),), "x", source, "high")
        for row, source in enumerate(sources)
    )
    count = len(hashes)
    pixels = np.zeros((count, 4, 4, 3), np.uint8)
    return Photos(listed, pixels, np.array(hashes, np.uint64), np.zeros(count, np.uint8))


def bits(one: np.uint64, other: np.uint64) -> int:
    return int(np.bitwise_count(one ^ other))


# few distinct bits, so that near-duplicates and chains of them are common
SPREAD = 0x0010010010010001
HASHES = st.lists(st.integers(0, 2**12 - 1).map(lambda n: n * SPREAD % 2**64), max_size=40)


@pytest.mark.slow
@given(HASHES, st.data())
def test_what_is_near_to_the_test_or_excluded_takes_part_in_nothing(
    hashes: list[int], data: st.DataObject
) -> None:
    sources = data.draw(
        st.lists(st.sampled_from(["a", "test"]), min_size=len(hashes), max_size=len(hashes))
    )
    excluded = np.array(data.draw(HASHES.map(lambda found: found[:2])), np.uint64)
    split = lists.split(photos_of(hashes, sources), "test", excluded, Knobs())
    forbidden = [*split.hashes[split.roles == TEST], *excluded]
    for row in np.flatnonzero(split.roles < TEST):
        assert split.listed[row].source != "test"
        assert all(bits(split.hashes[row], other) > Knobs().duplicate_bits for other in forbidden)


@pytest.mark.slow
@given(HASHES, st.sampled_from([0, 2, 5, 100]))
def test_near_duplicates_have_one_role_or_are_left_out(hashes: list[int], least: int) -> None:
    knobs = Knobs(min_photos=least)
    photos = photos_of(hashes, ["a"] * len(hashes), (1, 2, 3, 3, 3, 3))
    split = lists.split(photos, "test", NONE, knobs)
    for row, others in near(split.hashes, split.hashes, knobs.duplicate_bits):
        if split.roles[row] != LEFT_OUT:
            assert set(split.roles[others]) - {LEFT_OUT} <= {split.roles[row]}


def test_kinds_of_few_photos_are_strange_on_one_side_or_the_other() -> None:
    draw = np.random.default_rng(4)
    hashes = [int(n) for n in draw.integers(0, 2**63, 400)]
    kinds = (10, 10, 10, 10, 10, 10, 10, 10, 11, 12)
    photos = photos_of(hashes, ["a"] * 400, kinds)
    split = lists.split(photos, "test", NONE, Knobs(min_photos=41))
    shown = np.array([int(photo.items[0][1:]) for photo in photos.listed])
    assert set(split.roles[shown == 12]) == {STRANGERS}
    assert set(split.roles[shown == 11]) == {*JUDGING}
    assert STRANGERS not in split.roles[shown == 10]
    assert (split.roles[shown == 10] == TRAIN).mean() > 0.8


NONE: NDArray[np.uint64] = np.zeros(0, np.uint64)


def test_every_role_is_given_and_the_same_again() -> None:
    draw = np.random.default_rng(3)
    hashes = [int(n) for n in draw.integers(0, 2**63, 600)]
    sources = ["a"] * 500 + ["test"] * 100
    first = lists.split(photos_of(hashes, sources), "test", NONE, Knobs())
    again = lists.split(photos_of(hashes, sources), "test", NONE, Knobs())
    assert (first.roles == again.roles).all()
    counts = np.bincount(first.roles, minlength=len(ROLES))
    assert counts[TEST] == 100
    assert counts[LEFT_OUT] == counts[STRANGERS] == 0
    assert counts[TRAIN] > 400
    assert min(counts[CALIBRATION], counts[THRESHOLDS], counts[REPORT]) > 5
    assert min(counts[WEIGHTS], counts[TERMS]) > 2


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"file,label\na.jpg,cat\n", r"photos\.csv, line 2: no 'items'"),
        (HEAD + b"a.jpg,cat,x,y,high\n", r"photos\.csv, line 2: not an item id: 'cat'"),
        (HEAD + b"a.jpg,Q1,x,y,high\nb.jpg,Q2\n", r"photos\.csv, line 3: no 'label'"),
        (HEAD + b"a.jpg,Q1,caf\xe9,y,high\n", r"photos\.csv: not UTF-8"),
        (None, r"photos\.csv: No such file"),
    ],
)
def test_a_bad_list_is_named_with_its_line(
    content: bytes | None, line: str, tmp_path: Path
) -> None:
    path = tmp_path / "photos.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArtefactError, match=line):
        lists.read_list(path)
