"""Laws of the hierarchy: the fast sparse forms equal the slow definitions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.types import Qid

from .world import ZOO, World, dags, q, steady


def _case(data: st.DataObject) -> tuple[World, list[Qid], NDArray[np.float64]]:
    world = data.draw(dags())
    items = data.draw(st.lists(st.sampled_from(world.qids), min_size=1, unique=True))
    seed = data.draw(st.integers(0, 9999))
    raw = np.random.default_rng(seed).exponential(size=(3, len(items)))
    return world, items, raw / raw.sum(axis=1, keepdims=True)


@steady
@given(st.data())
def test_roll_up_equals_the_slow_definition(data: st.DataObject) -> None:
    world, items, p = _case(data)
    hierarchy = Hierarchy.from_catalog(world, items)
    mass = hierarchy.roll_up(p)
    above = {item: {item, *world.ancestors(item)} for item in items}
    assert set(hierarchy.nodes) == set().union(*above.values())
    for a, node in enumerate(hierarchy.nodes):
        slow = sum(p[:, i] for i, item in enumerate(items) if node in above[item])
        assert np.allclose(mass[:, a], slow, atol=1e-6)


@steady
@given(st.data())
def test_a_parent_is_at_least_as_sure_as_any_child(data: st.DataObject) -> None:
    world, items, p = _case(data)
    hierarchy = Hierarchy.from_catalog(world, items)
    wild = np.random.default_rng(1).random((3, len(hierarchy.nodes)))
    for sure in (hierarchy.surest(wild), hierarchy.surest(hierarchy.roll_up(p))):
        for node, above in enumerate(hierarchy.parents):
            for parent in above:
                assert (sure[:, parent] >= sure[:, node]).all()
    assert (hierarchy.surest(wild) >= wild).all()


@steady
@given(st.data())
def test_lookups_equal_the_slow_closure(data: st.DataObject) -> None:
    world, items, _ = _case(data)
    hierarchy = Hierarchy.from_catalog(world, items)
    for row, qid in enumerate(hierarchy.nodes):
        above = {hierarchy.nodes[a] for a in hierarchy.ancestors(row)}
        assert above == world.ancestors(qid)
        assert {hierarchy.nodes[n] for level in hierarchy.climb(row) for n in level} == above
        below = {n for n in hierarchy.nodes if qid in world.ancestors(n)}
        assert {hierarchy.nodes[d] for d in hierarchy.descendants(row)} == below
        all_below = {n for n in world.qids if qid in world.ancestors(n)}
        assert hierarchy.visual_below[row] == len(all_below)


@pytest.mark.slow
@steady
@given(st.data())
def test_permuting_the_catalog_changes_no_bit(data: st.DataObject) -> None:
    world, items, p = _case(data)
    shuffled = replace(world, order=tuple(data.draw(st.permutations(world.qids))))
    one, other = (Hierarchy.from_catalog(w, items) for w in (world, shuffled))
    assert one.nodes == other.nodes and one.parents == other.parents
    assert one.roll_up(p).tobytes() == other.roll_up(p).tobytes()


def test_specificity_is_the_formula_with_one_pseudo_photo_an_item() -> None:
    hierarchy = Hierarchy.from_catalog(ZOO, [q(4), q(6), q(7)])
    bits = hierarchy.specificity(np.array([10, 0, 50]))
    total = 11 + 1 + 51
    expected = {4: 11, 6: 1, 3: 12, 1: total, 16: 51}
    for number, below in expected.items():
        exact = -np.log2((1 + below) / (1 + total))
        assert bits[hierarchy.index[q(number)]] == pytest.approx(exact)
    assert bits[hierarchy.index[q(1)]] == 0


def test_duplicates_share_the_node_of_their_representative() -> None:
    world = replace(ZOO, edges={**ZOO.edges, q(40): (q(9),)}, same={q(40): q(4)})
    hierarchy = Hierarchy.from_catalog(world, [q(4), q(40), q(6)])
    assert q(40) not in hierarchy.index and q(9) not in hierarchy.index
    mass = hierarchy.roll_up(np.array([[0.25, 0.5, 0.25]]))
    assert mass[0, hierarchy.index[q(4)]] == 0.75


@pytest.mark.slow
@steady
@given(st.data())
def test_the_nearest_item_at_or_below_a_node(data: st.DataObject) -> None:
    world, items, _ = _case(data)
    hierarchy = Hierarchy.from_catalog(world, items)
    cosines = np.random.default_rng(len(items)).uniform(-1, 1, (2, len(items)))
    for row, qid in enumerate(hierarchy.nodes):
        kin = [n for n, item in enumerate(items) if item == qid or qid in world.ancestors(item)]
        assert np.array_equal(hierarchy.nearest(cosines)[:, row], cosines[:, kin].max(axis=1))


def test_an_item_that_the_catalog_lacks_is_named() -> None:
    with pytest.raises(ArtefactError, match="Q999"):
        Hierarchy.from_catalog(ZOO, [q(4), q(999)])
    with pytest.raises(ArtefactError, match="no items"):
        Hierarchy.from_catalog(ZOO, [])
