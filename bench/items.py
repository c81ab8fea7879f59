"""The real graph as a catalog file, as the product's builder writes it, with made-up words."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bench.graphs import Graph
from depicts_model.catalog.builder import Content, Edge, Entry, build
from depicts_model.types import Qid

LANGUAGES: Final = ("en", "de")
_SYLLABLES: Final = [c + v for c in "bdfghjklmnprstvwxz" for v in "aeiou"]


def qid(node: int) -> Qid:
    """The item of a node: in the order of the nodes, so that the model's rows keep it."""
    return Qid(f"Q{node + 1}")


def word(node: int) -> str:
    """A word of its own for each node, which stemming leaves alone."""
    count = len(_SYLLABLES)
    places = (node // count**2, node // count, node)
    return "".join(_SYLLABLES[place % count] for place in places) + "k"


def write_catalog(graph: Graph, path: Path) -> None:
    """Write all nodes as items that may be suggested, with a label in each of LANGUAGES."""
    nodes = range(len(graph.parents))
    entries = {qid(n): Entry(dict.fromkeys(LANGUAGES, word(n)), True, True) for n in nodes}
    edges = [Edge(qid(n), qid(p), "p279") for n in nodes for p in graph.parents[n]]
    build(Content("2026-01-01", entries, edges), path)
