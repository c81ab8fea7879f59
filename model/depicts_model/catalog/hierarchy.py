"""The closure of a directed graph as sets: diamonds count once, cycles are condensed.

Nodes are whole numbers. Standard library only; linear in the size of graph and closure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

Graph = Mapping[int, Sequence[int]]
"""Child to its parents; a parent may lack a row of its own."""


def components(graph: Graph) -> list[list[int]]:
    """Strongly connected components, each after all that it leads to (Tarjan 1972).

    Iterative: a chain in the data may be deeper than Python's recursion limit.
    """
    found: list[list[int]] = []
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    waiting: set[int] = set()
    for root in sorted(graph):
        if root not in order:
            _visit(root, graph, order, low, stack, waiting, found)
    return found


def _visit(
    root: int,
    graph: Graph,
    order: dict[int, int],
    low: dict[int, int],
    stack: list[int],
    waiting: set[int],
    found: list[list[int]],
) -> None:
    work: list[tuple[int, Iterator[int]]] = [_enter(root, graph, order, low, stack, waiting)]
    while work:
        node, parents = work[-1]
        step = next(parents, None)
        if step is None:
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == order[node]:
                found.append(_pop(node, stack, waiting))
        elif step not in order:
            work.append(_enter(step, graph, order, low, stack, waiting))
        elif step in waiting:
            low[node] = min(low[node], order[step])


def _enter(
    node: int,
    graph: Graph,
    order: dict[int, int],
    low: dict[int, int],
    stack: list[int],
    waiting: set[int],
) -> tuple[int, Iterator[int]]:
    order[node] = low[node] = len(order)
    stack.append(node)
    waiting.add(node)
    return node, iter(graph.get(node, ()))


def _pop(node: int, stack: list[int], waiting: set[int]) -> list[int]:
    members: list[int] = []
    while not members or members[-1] != node:
        members.append(stack.pop())
        waiting.discard(members[-1])
    return sorted(members)


def closure(graph: Graph) -> dict[int, dict[int, int]]:
    """Every node's strict ancestors with the least number of hops to each.

    Members of one cycle stand for one thing: they are no ancestors of each other, they share
    all ancestors outside, and steps between them cost nothing.
    """
    result: dict[int, dict[int, int]] = {}
    peers: dict[int, Sequence[int]] = {}
    for members in components(graph):
        above = _above(members, graph, result, peers)
        for node in members:
            result[node], peers[node] = dict(above), members
    return result


def _above(
    members: Sequence[int],
    graph: Graph,
    done: Mapping[int, Mapping[int, int]],
    peers: Mapping[int, Sequence[int]],
) -> dict[int, int]:
    inside = set(members)
    above: dict[int, int] = {}
    for parent in sorted(p for node in members for p in graph.get(node, ()) if p not in inside):
        for node, hops in (*((peer, 0) for peer in peers[parent]), *done[parent].items()):
            above[node] = min(above.get(node, hops + 1), hops + 1)
    return above


def within_cycles(graph: Graph) -> frozenset[tuple[int, int]]:
    """The (child, parent) edges that run inside a cycle, loops of one node included."""
    group = {node: i for i, part in enumerate(components(graph)) for node in part}
    pairs = ((child, parent) for child, parents in graph.items() for parent in parents)
    return frozenset((c, p) for c, p in pairs if group[c] == group[p])


def graph_of(nodes: Iterable[int], pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The graph of these nodes and (child, parent) pairs; each pair once, in sorted order."""
    graph: dict[int, list[int]] = {node: [] for node in sorted(nodes)}
    for child, parent in sorted(set(pairs)):
        graph[child].append(parent)
    return graph
