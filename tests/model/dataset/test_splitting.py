"""No unit is parted, test is the newest, and a lot depends on nothing but its unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.dataset.rows import Row
from depicts_model.dataset.shards import TEST, TRAIN, VALIDATION
from depicts_model.dataset.splitting import ByUnits, Random, Times, cutoff_of
from depicts_model.dataset.units import Units, clusters_by_hash
from tests.model.dataset.sources import row

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return DAY + timedelta(days=number)


def units_of(rows: Sequence[Row]) -> Units:
    hashes = np.array([one.hash for one in rows if one.hash is not None], dtype=np.uint64)
    units = Units(clusters_by_hash(hashes))
    for one in rows:
        units.add(one)
    return units


# few values, so that chains of links are common; hashes a few bits apart
ROWS = st.lists(
    st.builds(
        lambda file, sha1, uploader, bits, when: row(
            f"M{file}",
            1,
            sha1=sha1 and sha1 * 40,
            uploader=uploader,
            hash=None if bits is None else sum(1 << 5 * bit for bit in bits),
            time=None if when is None else day(when),
        ),
        st.integers(1, 30),
        st.sampled_from(["", "", "", "a", "b", "c"]),
        st.sampled_from(["", "", "", "ann", "bob", "cem"]),
        st.none() | st.sets(st.integers(0, 11), max_size=12),
        st.none() | st.integers(0, 30),
    ),
    max_size=25,
)


def linked(one: Row, other: Row) -> bool:
    """By the definition, apart from chains."""
    same = (
        one.file == other.file,
        one.sha1 == other.sha1 != "",
        one.uploader == other.uploader != "",
    )
    hashes = one.hash, other.hash
    near = None not in hashes and ((one.hash or 0) ^ (other.hash or 0)).bit_count() <= 6
    return any(same) or near


@given(ROWS)
def test_what_is_linked_is_one_unit_and_nothing_else_is(rows: list[Row]) -> None:
    names = [*range(len(rows))]
    for _ in rows:
        for i, one in enumerate(rows):
            for j, other in enumerate(rows):
                if linked(one, other):
                    names[i] = names[j] = min(names[i], names[j])
    units = units_of(rows)
    for i, one in enumerate(rows):
        for j, other in enumerate(rows):
            assert (units.of(one) == units.of(other)) is (names[i] == names[j])


@pytest.mark.slow
@given(ROWS, st.randoms())
def test_the_order_of_rows_changes_no_unit(rows: list[Row], chance: object) -> None:
    before = [units_of(rows).of(one) for one in rows]
    assert [units_of(rows[::-1]).of(one) for one in rows] == before


def by_time(rows: Sequence[Row]) -> ByUnits:
    units = units_of(rows)
    cutoff = cutoff_of([one.time for one in rows if one.time])
    times = Times(cutoff) if cutoff else None
    for one in rows if times else ():
        assert times
        times.add(units.of(one), one.time)
    return ByUnits(units, 3, times)


@given(ROWS)
def test_no_file_outside_test_is_newer_than_one_in_it(rows: list[Row]) -> None:
    split = by_time(rows)
    sides = [split.side(one, split.unit(one)) for one in rows]
    parts: dict[str, set[str | None]] = {}
    for one, side in zip(rows, sides, strict=True):
        parts.setdefault(split.unit(one), set()).add(side)
    assert all(len(found - {None}) <= 1 for found in parts.values())
    if cutoff_of([one.time for one in rows if one.time]):
        test = [one.time for one, side in zip(rows, sides, strict=True) if side == TEST]
        rest = [one.time for one, side in zip(rows, sides, strict=True) if side not in (TEST, None)]
        assert all(a < b for a in rest if a for b in test if b)
        timed = {split.unit(one) for one in rows if one.time}
        by_lot = ByUnits(Units({}), 3, None)
        assert all(
            found == {by_lot.side(rows[0], unit)}
            for unit, found in parts.items()
            if unit not in timed
        )


def test_a_tenth_is_the_newest() -> None:
    rows = [row(f"M{number}", 1, time=day(number)) for number in range(1, 101)]
    split = by_time(rows)
    sides = {one.file: split.side(one, split.unit(one)) for one in rows}
    assert [file for file, side in sides.items() if side == TEST] == [
        f"M{n}" for n in range(91, 101)
    ]
    assert 3 < sum(side == VALIDATION for side in sides.values()) < 20


def test_a_unit_goes_where_most_of_it_lies_and_the_rest_is_left_out() -> None:
    old = [row(f"M{number}", 1, time=day(number)) for number in range(1, 41)]
    new = [row(f"M{number}", 1, time=day(number), uploader="ann") for number in range(41, 45)]
    straying = row("M99", 1, time=day(2), uploader="ann")
    split = by_time([*old, *new, straying])
    assert {split.side(one, split.unit(one)) for one in new} == {TEST}
    assert split.side(straying, split.unit(straying)) is None


def test_a_file_without_a_time_goes_along_and_alone_it_is_drawn_by_lot() -> None:
    """However many they are, they do not say where their unit goes."""
    old = [row(f"M{number}", 1, time=day(number)) for number in range(1, 41)]
    new = [row(f"M{number}", 1, time=day(number), uploader="ann") for number in range(41, 45)]
    dateless = [row(f"M{number}", 1, uploader="ann") for number in range(50, 60)]
    alone = [row(f"M{number}", 1) for number in range(60, 160)]
    split = by_time([*old, *new, *dateless, *alone])
    assert {split.side(one, split.unit(one)) for one in new} == {TEST}
    assert {split.side(one, split.unit(one)) for one in dateless} == {None}
    lots = Counter(split.side(one, split.unit(one)) for one in alone)
    assert lots[TRAIN] > 60 and lots[TEST] > 3 and lots[VALIDATION] > 3
    older = [row(f"M{number}", 1, uploader="bob") for number in range(200, 204)]
    dated = replace(old[0], uploader="bob")
    split = by_time([dated, *old[1:], *new, *older])
    assert len({split.side(one, split.unit(one)) for one in (dated, *older)} - {TEST, None}) == 1


@pytest.mark.parametrize("times", [[], [DAY], [DAY] * 50, [day(0)] + [day(1)] * 9])
def test_where_too_many_are_of_one_time_it_parts_nothing(times: list[datetime]) -> None:
    assert cutoff_of(times) is None


def test_lots_are_of_the_seed_and_give_each_side_its_share() -> None:
    rows = [row(f"M{number}", 1) for number in range(1, 4001)]
    for split in (ByUnits(units_of(rows), 1, None), Random(1)):
        sides = [split.side(one, split.unit(one)) for one in rows]
        assert 300 < sides.count(TEST) < 500 and 300 < sides.count(VALIDATION) < 500
        assert sides.count(TRAIN) > 3000
    other = Random(2)
    assert [other.side(one, other.unit(one)) for one in rows] != sides
