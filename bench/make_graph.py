"""Makes graph_18k.txt.gz from a table of items: `python -m bench.make_graph --items FILE`.

Facts only: item numbers and edges. Edges to the product's upper classes are cut, edges within
cycles are dropped.
"""

from __future__ import annotations

import argparse
import gzip
import io
from pathlib import Path

from bench.graphs import REAL
from depicts_model.catalog.builder import number
from depicts_model.catalog.hierarchy import Closure, graph_of
from depicts_model.catalog.starter import read_items, read_tables

ORIGIN = (
    "# item, then its parents; numbers of Wikidata items. Edges: Wikidata's P31 and P279 (CC0),",
    "# and WordNet hypernyms mapped to items; upper classes and edges within cycles are cut.",
)


def lines_of(items: Path) -> list[str]:
    """A line for each item of the table, in the order of numbers: it and its direct parents."""
    source = read_items(items)
    cut = {row["qid"] for row in read_tables().upper_classes if row["action"] == "cut"}
    known = source.labels.keys() - cut
    kept = (e for e in source.edges if e.child in known and e.parent in known)
    graph = graph_of(
        map(number, source.labels), ((number(e.child), number(e.parent)) for e in kept)
    )
    closure = Closure(graph)
    lines = []
    for row, node in enumerate(graph.nodes):
        above = (p for p in graph.above(row) if not closure.circular(row, p))
        lines.append(" ".join(map(str, (node, *(graph.nodes[p] for p in above)))))
    return lines


def main() -> None:
    """Write the graph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=Path, required=True, help="the table of items, CSV")
    text = "\n".join([*ORIGIN, *lines_of(parser.parse_args().items)]) + "\n"
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:  # same table, same bytes
        file.write(text.encode("ascii"))
    REAL.write_bytes(packed.getvalue())


if __name__ == "__main__":
    main()
