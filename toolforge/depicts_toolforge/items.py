"""What is said about items by themselves: what lies around one, and what words name. Pure.

The gate is that of ``answers``: nobody is shown here what would not be suggested either.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final, Protocol

from depicts_model.types import Item, Qid
from depicts_toolforge.answers import Items, Json, chips, described, may_refine, said_by
from depicts_toolforge.asked import Search, Wanted

MOST_NEIGHBOURS: Final = 20
"""Items each way; the first are the nearest."""
MOST_SEARCHED: Final = 10
"""How many times as many items are searched as are asked for: some may not be shown."""


class Graph(Items, Protocol):
    """What is needed of a catalog beside labels and gates; ``lists.Listed`` is the real one."""

    @property
    def visual(self) -> frozenset[Qid]:
        """What a photo can show, and what is not too general."""

    def children(self, qid: Qid) -> tuple[Qid, ...]:
        """Items one step below."""

    def search(self, text: str, language: str, limit: int) -> tuple[Qid, ...]:
        """Items that the words name, best first."""


def neighbours(qid: Qid, wanted: Wanted, graph: Graph) -> Json | None:
    """What to take instead of an item: more general ones, the nearest first, and more specific.

    None where the reader may not be shown the item itself.
    """
    item = graph.item(qid, wanted.language)
    if item is None or not may_refine(qid, (), graph):
        return None
    said = said_by(wanted.have, graph)
    above, below = _climb(item, graph), graph.children(qid)

    def few(qids: Iterable[Qid]) -> list[Json]:
        fit = (q for q in qids if q in graph.visual and may_refine(q, said, graph))
        named = islice(_labelled(fit, wanted.language, graph), MOST_NEIGHBOURS)
        return [{**chip, "image": graph.image(chip["item"])} for chip in named]

    return {
        **described(item, wanted.language, graph),
        "more_general": few(above),
        "more_specific": few(below),
    }


def found(search: Search, graph: Graph) -> Json:
    """The items that the reader's words name, best first."""
    qids = graph.search(search.text, search.language, search.limit * MOST_SEARCHED)
    fit = (q for q in qids if may_refine(q, (), graph))
    items = (graph.item(q, search.language) for q in fit)
    named = (described(item, search.language, graph) for item in items if item is not None)
    return {"items": list(islice(named, search.limit))}


def _labelled(qids: Iterable[Qid], language: str, graph: Graph) -> Iterable[Json]:
    return (chip for qid in qids for chip in chips([qid], language, graph))


def _climb(item: Item, graph: Graph) -> list[Qid]:
    """Everything above: an item comes before what lies above it, so that the nearest come first."""
    return sorted(graph.ancestors(item.qid), key=lambda q: (-len(graph.ancestors(q)), int(q[1:])))
