"""Laws of the maxima: passed up level by level, they equal the slow definition to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.maxima import Maxima
from depicts_model.types import Qid

from .world import ZOO, World, dags, q, steady


def _below(world: World, hierarchy: Hierarchy, node: Qid) -> list[int]:
    """Rows of the node and of all below it, by the world's own word."""
    nodes = enumerate(hierarchy.nodes)
    return [row for row, qid in nodes if qid == node or node in world.ancestors(qid)]


@pytest.mark.slow
@steady
@given(st.data())
def test_surest_and_nearest_equal_the_slow_definitions(data: st.DataObject) -> None:
    world = data.draw(dags())
    items = data.draw(st.lists(st.sampled_from(world.qids), min_size=1, unique=True))
    hierarchy = Hierarchy.from_catalog(world, items)
    rng = np.random.default_rng(data.draw(st.integers(0, 9999)))
    sure, cosines = rng.random((2, len(hierarchy.nodes))), rng.uniform(-1, 1, (2, len(items)))
    surest, nearest = hierarchy.surest(sure), hierarchy.nearest(cosines)
    for row, node in enumerate(hierarchy.nodes):
        below = _below(world, hierarchy, node)
        assert np.array_equal(surest[:, row], sure[:, below].max(axis=1))
        held = np.isin(hierarchy.node_of_item, below)
        assert np.array_equal(nearest[:, row], cosines[:, held].max(axis=1))


@pytest.mark.slow
@steady
@given(st.data())
def test_raising_some_nodes_gives_what_a_pass_over_all_gives(data: st.DataObject) -> None:
    world = data.draw(dags())
    hierarchy = Hierarchy.from_catalog(world, world.qids)
    rows = st.integers(0, len(hierarchy.nodes) - 1)
    nodes = sorted(data.draw(st.sets(rows)))
    rng = np.random.default_rng(data.draw(st.integers(0, 9999)))
    sure = hierarchy.surest(rng.random((1, len(hierarchy.nodes))))[0]
    sure[nodes] = np.maximum(sure[nodes], rng.random(len(nodes)))
    raised = hierarchy.raised(sure, np.array(nodes, dtype=np.intp))
    assert np.array_equal(raised, hierarchy.surest(sure[None])[0])


@pytest.mark.slow
@steady
@given(st.data())
def test_an_image_alone_gets_the_bits_that_it_gets_among_others(data: st.DataObject) -> None:
    world = data.draw(dags())
    hierarchy = Hierarchy.from_catalog(world, world.qids)
    cosines = np.random.default_rng(3).uniform(-1, 1, (5, len(world.qids)))
    p = np.random.default_rng(4).dirichlet(np.ones(len(world.qids)), 5)
    for together, rows in (
        (hierarchy.nearest(cosines), [hierarchy.nearest(row[None])[0] for row in cosines]),
        (hierarchy.surest(cosines), [hierarchy.surest(row[None])[0] for row in cosines]),
        (hierarchy.roll_up(p), [hierarchy.roll_up(row[None])[0] for row in p]),
    ):
        assert together.tobytes() == np.stack(rows).tobytes()


def test_duplicates_count_for_the_node_that_they_share() -> None:
    world = World(edges={**ZOO.edges, q(40): ()}, same={q(40): q(4)})
    hierarchy = Hierarchy.from_catalog(world, [q(4), q(40), q(6)])
    cosines = np.array([[0.1, 0.7, 0.3]])
    assert hierarchy.nearest(cosines)[0, hierarchy.index[q(4)]] == 0.7
    assert hierarchy.nearest(cosines)[0, hierarchy.index[q(1)]] == 0.7
    assert hierarchy.item_of_node[hierarchy.index[q(4)]] == 0, "the first of them"
    assert hierarchy.item_of_node[hierarchy.index[q(1)]] == -1


@pytest.mark.parametrize("size", [1, 2, 300])
def test_a_chain_of_any_length_is_climbed_to_its_top(size: int) -> None:
    """The lowest has the largest value, so that it must pass every level."""
    maxima = Maxima.over(sparse.csr_array(np.triu(np.ones((size, size)))))
    assert np.array_equal(
        maxima.of(np.arange(size, dtype=float)[None])[0], np.full(size, size - 1.0)
    )
    assert len(maxima.levels) == size - 1


def test_only_direct_edges_are_kept() -> None:
    """A diamond with a shortcut: 0 above 1 and 2, both above 3."""
    down = np.array([[1, 1, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1]])
    maxima = Maxima.over(sparse.csr_array(down.astype(float)))
    assert sum(sum(map(len, level.passes)) for level in maxima.levels) == 4, (
        "the shortcut costs nothing"
    )
    assert maxima.of(np.array([[-np.inf, 1.0, -2.0, 0.5]])).tolist() == [[1.0, 1.0, 0.5, 0.5]]


@pytest.mark.parametrize("children", [1, 3, 4, 5, 40])
def test_a_node_may_have_any_number_of_children(children: int) -> None:
    """Some of them are compared in another way than the first."""
    size = children + 2
    down = np.eye(size)
    down[0, :] = down[1, 2:] = 1
    maxima = Maxima.over(sparse.csr_array(down))
    for best in range(2, size):
        values = np.full((2, size), -1.0)
        values[1, best] = 7.0
        assert maxima.of(values)[:, :2].tolist() == [[-1.0, -1.0], [7.0, 7.0]]
