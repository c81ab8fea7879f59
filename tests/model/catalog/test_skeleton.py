"""The hierarchy of a dump's items after mending, against its slow definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from depicts_model.catalog import schema
from depicts_model.catalog.dump_entities import EDGES, Facts
from depicts_model.catalog.dump_skeleton import Skeleton, skeleton_of
from depicts_model.catalog.mending import Tables

Pair = tuple[int, int]
Edges = frozenset[tuple[int, int, str]]
KNOWN = range(10, 90, 10)
NAMED = (*KNOWN, 15)
"""Statements and tables may name items that are not there."""

numbers = st.sampled_from(NAMED)
statements = st.frozensets(st.tuples(st.sampled_from(KNOWN), numbers, st.sampled_from([*EDGES])))
pairs = st.frozensets(st.tuples(numbers, numbers), max_size=4)
twins = st.dictionaries(st.sampled_from([50, 60]), st.sampled_from([10, 15, 20]))
"""Item to its representative."""


def item(number: int, edges: Edges) -> Facts:
    above = {kind: sorted(p for c, p, k in edges if (c, k) == (number, kind)) for kind in EDGES}
    return Facts(
        number,
        "",
        {"en": "x"},
        {},
        {},
        human=False,
        image=None,
        latitude=None,
        longitude=None,
        commons_category=None,
        taxon_name=None,
        sitelinks=0,
        unfit="",
        **above,
    )


def tables(blocked: frozenset[Pair], added: frozenset[Pair], merged: Mapping[int, int]) -> Tables:
    actions = [("block", pair) for pair in blocked] + [("add", pair) for pair in added]
    mended = tuple({"child": f"Q{c}", "parent": f"Q{p}", "action": a} for a, (c, p) in actions)
    duplicates = tuple({"qid": f"Q{q}", "representative": f"Q{r}"} for q, r in merged.items())
    empty: dict[str, Sequence[dict[str, str]]] = dict.fromkeys(Tables.__slots__, ())
    return Tables(**empty | {"edges_mended": mended, "duplicates": duplicates})  # type: ignore[arg-type]


def edges_of(bones: Skeleton) -> list[tuple[int, int, str]]:
    nodes = bones.graph.nodes
    return [
        (node, nodes[parent], schema.KINDS[kind])
        for row, node in enumerate(nodes)
        for parent, kind in bones.steps(row)
    ]


def by_definition(
    edges: Edges, blocked: frozenset[Pair], added: frozenset[Pair], merged: Mapping[int, int]
) -> Edges:
    known = {e for e in edges if {e[0], e[1]} <= set(KNOWN) and e[0] != e[1]}
    known = {e for e in known if e[:2] not in blocked}
    parents = {p for _, p, _ in known}
    chosen = {e for e in known if e[2] != "p31" or e[0] not in parents}
    chosen |= {(*pair, "mended") for pair in added if set(pair) <= set(KNOWN)}
    merged = {q: r for q, r in merged.items() if r in KNOWN}
    moved = {(merged.get(c, c), merged.get(p, p), k, c) for c, p, k in chosen}
    moved = {e for e in moved if e[0] != e[1]}
    settled = {c for c, _, _, own in moved if c == own}
    result = {(c, p, k) for c, p, k, own in moved if c == own or c not in settled}
    return frozenset(result | {(q, r, "mended") for q, r in merged.items()})


@given(statements, pairs, pairs, twins)
def test_mending_is_what_the_tables_say(
    edges: Edges, blocked: frozenset[Pair], added: frozenset[Pair], merged: dict[int, int]
) -> None:
    facts = [item(number, edges) for number in KNOWN]
    found = edges_of(skeleton_of(facts, tables(blocked, added, merged), 1))
    assert found == sorted(by_definition(edges, blocked, added, merged))
