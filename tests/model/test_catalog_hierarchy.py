"""The closure equals its slow definition, on any graph."""

from __future__ import annotations

from itertools import compress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.catalog.hierarchy import Closure, Graph, graph_in_order, graph_of, reach

Pairs = frozenset[tuple[int, int]]
NODES = range(0, 90, 10)
"""No node but the first is its own row."""
pairs_of_any_graph = st.frozensets(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=25
)


def closure(graph: Graph) -> dict[int, dict[int, int]]:
    """By node instead of by row."""
    found = Closure(graph)
    return {
        node: {graph.nodes[above]: hops for above, hops in found.above(row)}
        for row, node in enumerate(graph.nodes)
    }


def reachable(node: int, pairs: Pairs) -> frozenset[int]:
    """By definition: one step after the other until nothing new is found."""
    found: frozenset[int] = frozenset()
    while True:
        more = found | {p for c, p in pairs if c == node or c in found}
        if more == found:
            return found
        found = more


@given(pairs_of_any_graph)
def test_an_ancestor_is_reachable_and_does_not_reach_back(pairs: Pairs) -> None:
    found = closure(graph_of(NODES, pairs))
    for node in NODES:
        wanted = {a for a in reachable(node, pairs) if node not in reachable(a, pairs)}
        assert set(found[node]) == wanted


@given(pairs_of_any_graph)
def test_ancestors_come_by_row(pairs: Pairs) -> None:
    found = Closure(graph_of(NODES, pairs))
    for row in range(len(NODES)):
        rows = [above for above, _ in found.above(row)]
        assert rows == sorted(set(rows))


@given(pairs_of_any_graph)
def test_edges_inside_cycles_are_those_that_can_be_walked_back(pairs: Pairs) -> None:
    graph = graph_of(NODES, pairs)
    found = Closure(graph)
    wanted = {(c, p) for c, p in pairs if c == p or c in reachable(p, pairs)}
    assert {(c, p) for c, p in pairs if found.circular(graph.row(c), graph.row(p))} == wanted


@given(pairs_of_any_graph, st.frozensets(st.sampled_from(NODES)))
def test_what_is_reached_is_all_that_edges_lead_to_peers_too(
    pairs: Pairs, chosen: frozenset[int]
) -> None:
    graph = graph_of(NODES, pairs)
    found = set(compress(graph.nodes, reach(graph, graph.rows(chosen))))
    assert found == chosen.union(*(reachable(node, pairs) for node in chosen))


@given(pairs_of_any_graph)
def test_hops_are_the_shortest_way(pairs: Pairs) -> None:
    forward = frozenset((c, p) for c, p in pairs if c < p)  # no cycle
    found = closure(graph_of(NODES, forward))
    for child in NODES:
        above = [p for c, p in forward if c == child]
        for ancestor, hops in found[child].items():
            assert hops == 1 + min((found[p] | {p: 0}).get(ancestor, 99) for p in above)


def test_a_cycle_counts_as_one_step() -> None:
    found = closure(graph_of(range(4), [(0, 1), (1, 2), (2, 1), (2, 3)]))
    assert found[0] == {1: 1, 2: 1, 3: 2}


def test_a_chain_deeper_than_the_recursion_limit() -> None:
    depth = 1200
    chain = graph_of(range(depth + 1), [(i, i + 1) for i in range(depth)])
    assert closure(chain)[0][depth] == depth


@given(pairs_of_any_graph)
def test_a_graph_read_in_order_is_the_same(pairs: Pairs) -> None:
    assert graph_in_order(NODES, sorted(pairs)) == graph_of(NODES, pairs)


@pytest.mark.parametrize("node", [-1, 5, 90])
def test_an_unknown_node_has_no_row(node: int) -> None:
    graph = graph_of(NODES, [])
    assert graph.row(node) == -1
    assert list(graph.rows([node, 10])) == [1]
