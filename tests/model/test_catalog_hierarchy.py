"""The closure equals its slow definition, on any graph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from depicts_model.catalog.hierarchy import closure, graph_of, within_cycles

Pairs = frozenset[tuple[int, int]]
NODES = range(9)
pairs_of_any_graph = st.frozensets(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=25
)


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
def test_edges_inside_cycles_are_those_that_can_be_walked_back(pairs: Pairs) -> None:
    wanted = {(c, p) for c, p in pairs if c == p or c in reachable(p, pairs)}
    assert within_cycles(graph_of(NODES, pairs)) == wanted


def test_hops_are_the_shortest_way() -> None:
    diamond_with_shortcut = graph_of(range(5), [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (0, 4)])
    assert closure(diamond_with_shortcut)[0] == {1: 1, 2: 1, 3: 2, 4: 1}


def test_a_cycle_counts_as_one_step() -> None:
    assert closure(graph_of(range(4), [(0, 1), (1, 2), (2, 1), (2, 3)]))[0] == {1: 1, 2: 1, 3: 2}


def test_a_chain_deeper_than_the_recursion_limit() -> None:
    depth = 1200
    chain = graph_of(range(depth + 1), [(i, i + 1) for i in range(depth)])
    assert closure(chain)[0][depth] == depth
