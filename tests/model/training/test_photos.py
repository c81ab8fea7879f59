"""No near-duplicate straddles the split, and the test takes part in nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.training import photos as lists
from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.photos import LEFT_OUT, TEST, THRESHOLDS, Listed, Photos, near


def photos_of(hashes: list[int], sources: list[str]) -> Photos:
    listed = tuple(
        Listed(f"{source}/{row}.jpg", ("Q146",), "cat", source, "high")
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
    for row in np.flatnonzero(split.roles <= THRESHOLDS):
        assert split.listed[row].source != "test"
        assert all(bits(split.hashes[row], other) > Knobs().duplicate_bits for other in forbidden)


@given(HASHES)
def test_near_duplicates_have_one_role(hashes: list[int]) -> None:
    split = lists.split(photos_of(hashes, ["a"] * len(hashes)), "test", NONE, Knobs())
    for row, others in near(split.hashes, split.hashes, Knobs().duplicate_bits):
        assert set(split.roles[others]) == {split.roles[row]}


NONE: NDArray[np.uint64] = np.zeros(0, np.uint64)


def test_every_role_is_given_and_the_same_again() -> None:
    draw = np.random.default_rng(3)
    hashes = [int(n) for n in draw.integers(0, 2**63, 600)]
    sources = ["a"] * 500 + ["test"] * 100
    first = lists.split(photos_of(hashes, sources), "test", NONE, Knobs())
    again = lists.split(photos_of(hashes, sources), "test", NONE, Knobs())
    assert (first.roles == again.roles).all()
    counts = np.bincount(first.roles, minlength=5)
    assert counts[TEST] == 100
    assert counts[LEFT_OUT] == 0
    assert counts[0] > 400 and counts[1] > 10 and counts[2] > 10


def test_a_list_without_its_columns_is_named(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "photos.csv"
    path.write_text("file,label\na.jpg,cat\n")
    with pytest.raises(ArtefactError, match=r"photos\.csv: no column 'items'"):
        lists.read_list(path)
    with pytest.raises(ArtefactError, match=r"none\.csv: No such file"):
        lists.read_list(path.with_name("none.csv"))
