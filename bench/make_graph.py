"""Makes the two graphs of a table of items: `python -m bench.make_graph --items FILE`.

Facts only: item numbers and edges, none within a cycle. graph_18k.txt.gz: all items of the table
with its own edges, but those to and from the product's upper classes. graph_18k_mended.txt.gz: the
catalog that the product makes of the table, which most ways up of the raw one do not survive.
"""

from __future__ import annotations

import argparse
import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from bench.graphs import MENDED, REAL
from depicts_model.catalog.builder import number
from depicts_model.catalog.hierarchy import Closure, graph_of
from depicts_model.catalog.mending import CUT, DROP_DIRECT, mend
from depicts_model.catalog.starter import Source, read_items, read_tables

ORIGIN: Final = (
    "# item, then its parents; numbers of Wikidata items. Edges: Wikidata's P31 and P279 (CC0),",
    "# and WordNet hypernyms mapped to items; upper classes and edges within cycles are cut.",
)
ORIGIN_MENDED: Final = (
    ORIGIN[0],
    "# and WordNet hypernyms mapped to items; mended by the product's tables, without cycles.",
)

Pair = tuple[int, int]
"""Child and parent."""


def lines_of(items: Iterable[int], edges: Iterable[Pair]) -> Iterator[str]:
    """A line for each item, in the order of numbers: it and its direct parents."""
    graph = graph_of(items, edges)
    closure = Closure(graph)
    for row, node in enumerate(graph.nodes):
        above = (p for p in graph.above(row) if not closure.circular(row, p))
        yield " ".join(map(str, (node, *(graph.nodes[p] for p in above))))


def of_table(source: Source) -> Iterator[str]:
    """All items, without the edges to and from upper classes and metaclasses."""
    barred = (CUT, DROP_DIRECT)
    cut = {row["qid"] for row in read_tables().upper_classes if row["action"] in barred}
    known = source.labels.keys() - cut
    kept = (e for e in source.edges if e.child in known and e.parent in known)
    return lines_of(map(number, source.labels), ((number(e.child), number(e.parent)) for e in kept))


def of_catalog(source: Source) -> Iterator[str]:
    """The items and edges of the table's catalog: as in `depicts_model.catalog.starter`."""
    named = frozenset(q for q in source.humans if source.labels[q])
    faceless = source.visual - source.humans
    graph = mend(source.edges, source.labels, faceless, named, read_tables())
    ends = {q for e in graph.edges for q in (e.child, e.parent)}
    items = graph.depictable | graph.duplicates.keys() | ends | named
    return lines_of(map(number, items), {(number(e.child), number(e.parent)) for e in graph.edges})


def main() -> None:
    """Write both graphs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=Path, required=True, help="the table of items, CSV")
    source = read_items(parser.parse_args().items)
    _write(REAL, [*ORIGIN, *of_table(source)])
    _write(MENDED, [*ORIGIN_MENDED, *of_catalog(source)])


def _write(path: Path, lines: Iterable[str]) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:  # same table, same bytes
        file.write("".join(f"{line}\n" for line in lines).encode("ascii"))
    path.write_bytes(packed.getvalue())


if __name__ == "__main__":
    main()
