"""What is near is found exactly: the quick way agrees with the slow definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.dataset.duplicates import Hashes, clusters, near, near_pairs

# few distinct bits, so that near-duplicates and chains of them are common
SPREAD = 0x0010010010010001
CLOSE = st.integers(0, 2**12 - 1).map(lambda n: n * SPREAD % 2**64)
FLIPPED = st.sets(st.integers(0, 63), max_size=9).map(lambda bits: sum(1 << bit for bit in bits))
HASHES = st.lists(CLOSE | FLIPPED | st.integers(0, 2**64 - 1), max_size=30)


def as_hashes(numbers: list[int]) -> Hashes:
    return np.array(numbers, dtype=np.uint64)


def slow_pairs(left: list[int], right: list[int], bits: int) -> list[list[int]]:
    """By the definition: every hash with every other, bit by bit."""
    return [
        [i, j]
        for i, one in enumerate(left)
        for j, other in enumerate(right)
        if (one ^ other).bit_count() <= bits
    ]


@given(HASHES, HASHES, st.integers(0, 10))
def test_what_is_near_is_what_the_definition_says(
    left: list[int], right: list[int], bits: int
) -> None:
    assert near_pairs(as_hashes(left), as_hashes(right), bits).tolist() == slow_pairs(
        left, right, bits
    )


@given(HASHES, st.integers(0, 10))
def test_rows_come_with_all_that_is_near_to_them(numbers: list[int], bits: int) -> None:
    found = dict(near(as_hashes(numbers), as_hashes(numbers), bits))
    assert [*found] == [*range(len(numbers))]  # each is near to itself
    pairs = [[row, other] for row, others in found.items() for other in others.tolist()]
    assert pairs == slow_pairs(numbers, numbers, bits)


@given(HASHES, st.integers(0, 10))
def test_a_cluster_is_what_steps_between_near_hashes_reach(numbers: list[int], bits: int) -> None:
    pairs = slow_pairs(numbers, numbers, bits)
    lowest = [*range(len(numbers))]
    for _ in numbers:
        for one, other in pairs:
            lowest[one] = min(lowest[one], lowest[other])
    assert clusters(as_hashes(numbers), bits).tolist() == lowest


def test_a_bit_more_than_allowed_is_not_near() -> None:
    one, other = as_hashes([0]), as_hashes([0b111_1111 << 20])
    assert list(near(one, other, 6)) == []
    assert [row for row, _ in near(one, other, 7)] == [0]


@pytest.mark.slow
def test_a_hundred_thousand_hashes_take_seconds() -> None:
    draw = np.random.default_rng(3)
    hashes = draw.integers(0, 2**64, 100_000, dtype=np.uint64)
    hashes[50_000:50_100] = hashes[:100] ^ np.uint64(0b1011)
    found = clusters(hashes, 6)
    assert (found[50_000:50_100] == np.arange(100)).all()
    assert len(np.unique(found)) == 99_900
