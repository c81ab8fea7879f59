"""Nothing leaks: items in two halves, near-duplicates in one part, uses by Zipf's law."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments import settings, splits
from depicts_model.linker.experiments.splits import Items, check, check_parts, halves, parts
from depicts_model.linker.experiments.world import World
from depicts_model.types import Qid

HEADER = "qid,label,description,aliases,p31,p279,broader_wordnet,broader_other,image_p18,visual\n"
ROWS = (
    "Q1,animal,,,,,,,,1\n"
    "Q2,cat,a pet,,,,Q1,,,1\n"
    "Q3,tabby,,,,Q2,,,,1\n"
    "Q4,dog,,,,,Q1,,,1\n"
    "Q5,spoon,,,,,,,,1\n"
    "Q6,fork,,,,,,,,1\n"
    "Q7,idea,,,,,,,,0\n"
)


def q(*numbers: int) -> frozenset[Qid]:
    return frozenset(Qid(f"Q{number}") for number in numbers)


@pytest.fixture
def world(tmp_path: Path) -> World:
    path = tmp_path / "items.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return World.read(path)


def test_the_graph_is_the_table_s_own(world: World) -> None:
    assert world.items == tuple(Qid(f"Q{n}") for n in range(1, 7))
    assert world.above(Qid("Q3")) == q(1, 2)
    assert world.counts == {"Q1": 3, "Q2": 1}
    assert world.parents() == ((), (0,), (1,), (0,), (), ())
    assert world.descriptions[1] == "a pet"


def test_a_wide_ancestor_tells_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depicts_model.linker.experiments.world.TOO_MANY", 2)
    assert world.telling(Qid("Q3")) == q(2)


def test_families_and_alternatives_stay_together(world: World) -> None:
    shown = [q(3), q(2), q(4), q(5, 6), q(5)]
    found = halves(shown, world)
    assert found.joining | found.working == q(2, 3, 4, 5, 6)
    assert not found.joining & found.working
    for family in (q(2, 3), q(5, 6)):
        assert family <= found.joining or family <= found.working


@pytest.mark.parametrize(
    ("items", "shown", "said"),
    [
        (Items(q(5), q(5, 6)), [], "Q5 is in both halves"),
        (Items(q(5), q(6)), [q(5, 6)], "alternatives"),
        (Items(q(3), q(2)), [], "Q3 and Q2 above it"),
        (Items(q(2), q(3)), [], "Q3 and Q2 above it"),
    ],
)
def test_a_leak_of_items_is_refused(
    world: World, items: Items, shown: list[frozenset[Qid]], said: str
) -> None:
    with pytest.raises(ArtefactError, match=said):
        check(items, shown, world)


@given(st.integers(0, 10**6), st.integers(1, 60))
def test_near_duplicates_are_never_torn(seed: int, count: int) -> None:
    draw = np.random.default_rng(seed)
    clusters = np.minimum.accumulate(np.arange(count))[draw.integers(0, count, count)]
    roles = parts(clusters, [f"set {n % 3}" for n in range(count)], seed)
    check_parts(clusters, roles)
    assert {*roles.tolist()} <= {splits.TRAIN, splits.VAL, splits.TEST}


def test_torn_near_duplicates_are_refused() -> None:
    with pytest.raises(ArtefactError, match="near-duplicates of photo 4"):
        check_parts(np.array([0, 4, 4]), np.array([0, 1, 2], np.uint8))


def test_each_source_is_shared_out_alike() -> None:
    sources = ["a"] * 400 + ["b"] * 200
    roles = parts(np.arange(600), sources, 0)
    for low, high in ((0, 400), (400, 600)):
        share = np.bincount(roles[low:high], minlength=3) / (high - low)
        np.testing.assert_allclose(share, splits.SHARES, atol=0.01)


def many(kinds: int = 60, photos: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rows = np.repeat(np.arange(kinds), photos)
    return rows, parts(np.arange(len(rows)), ["one"] * len(rows), 0)


def test_uses_fall_by_zipf_s_law() -> None:
    kinds, roles = many()
    train, val, test = settings.vel_shaped(kinds, roles, seed=1)
    uses = np.sort(np.bincount(kinds[np.concatenate([train, val, test])]))[::-1]
    rank = np.arange(1, len(uses) + 1)
    wanted = settings.LARGEST * rank**-settings.EXPONENT
    assert uses[0] < wanted[0]  # capped by what there is
    np.testing.assert_allclose(uses[3:], wanted[3:], atol=2)
    assert not {*train.tolist()} & {*val.tolist()} and not {*train.tolist()} & {*test.tolist()}
    assert (roles[test] == splits.TEST).all() and (roles[train] == splits.TRAIN).all()


def test_a_seed_draws_which_item_is_frequent_and_nothing_else_does() -> None:
    kinds, roles = many()
    again = [settings.vel_shaped(kinds, roles, seed) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(again[0][0], again[1][0])
    first, other = (np.bincount(kinds[found[0]], minlength=60) for found in (again[0], again[2]))
    assert (first != other).any()


def test_balanced_has_at_most_a_hundred() -> None:
    kinds, roles = many()
    found = settings.balanced(kinds, roles, seed=0)
    uses = np.bincount(kinds[np.concatenate(found)])
    assert uses.max() <= settings.MOST and uses.min() >= settings.MOST - 1


def test_a_mosaic_is_of_one_part() -> None:
    drawn = (np.arange(10), np.arange(10, 20), np.arange(20, 120))
    for own, pasted in zip(drawn, settings.mosaics(drawn, seed=0), strict=True):
        assert {2, 3, 4} == {len(some) for some in pasted}
        assert all(len({*some}) == len(some) and {*some} <= {*own.tolist()} for some in pasted)


def test_no_photo_is_tested_twice_in_mosaics() -> None:
    drawn = (np.arange(10), np.arange(10, 20), np.arange(20, 120))
    tested = [photo for some in settings.mosaics(drawn, seed=0)[2] for photo in some]
    assert len(tested) == len({*tested}) >= 97
