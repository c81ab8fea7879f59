"""The items of a table (``items.csv``): candidates, their words, and the table's own graph.

The graph is the table's as it stands, with its known faults: it is what splits items and what
judges shown ancestors, so that mending it can never mend a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from depicts_model.catalog.csv_tables import read_details
from depicts_model.catalog.starter import read_items
from depicts_model.linker.display_metrics import TOO_MANY
from depicts_model.linker.facts import numeric
from depicts_model.types import Qid


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """N candidates, in the order of their numbers, and the graph above them.

    Fits `display_metrics.Kin`.
    """

    items: tuple[Qid, ...]
    labels: tuple[str, ...]
    descriptions: tuple[str, ...]
    row: Mapping[Qid, int]
    direct: Mapping[Qid, frozenset[Qid]]
    """Direct parents of every item of the table that has any."""
    counts: Mapping[Qid, int]
    """How many visual items are below an item, itself not counted; missing: none."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """The table of items; candidates are those with ``visual`` 1.

        Raises ArtefactError naming the file and the line.
        """
        table, details = read_items(path), read_details(path)
        items = tuple(sorted(table.visual, key=numeric))
        direct: dict[Qid, set[Qid]] = {}
        for edge in table.edges:
            direct.setdefault(edge.child, set()).add(edge.parent)
        frozen = {child: frozenset(parents) for child, parents in direct.items()}
        texts = {q: detail.descriptions.get("en", "") for q, detail in details.items()}
        return cls(
            items=items,
            labels=tuple(table.labels[q] for q in items),
            descriptions=tuple(texts.get(q, "") for q in items),
            row={q: at for at, q in enumerate(items)},
            direct=frozen,
            counts=_below(items, frozen),
        )

    def above(self, node: Qid) -> frozenset[Qid]:
        """All that is above an item, however general, without the item itself."""
        return _ancestors(node, self.direct)

    def below(self, node: Qid) -> int:
        """How many visual items are below an item, itself not counted."""
        return self.counts.get(node, 0)

    def telling(self, qid: Qid) -> frozenset[Qid]:
        """Ancestors that still say something: with at most `TOO_MANY` visual items below them."""
        return frozenset(a for a in self.above(qid) if self.below(a) <= TOO_MANY)

    def parents(self) -> tuple[tuple[int, ...], ...]:
        """Of each candidate the rows of its direct parents that are candidates."""
        found = (self.direct.get(qid, frozenset()) for qid in self.items)
        return tuple(tuple(sorted(self.row[p] for p in some if p in self.row)) for some in found)


def _ancestors(qid: Qid, above: Mapping[Qid, frozenset[Qid]]) -> frozenset[Qid]:
    seen: set[Qid] = set()
    waiting = [qid]
    while waiting:
        fresh = above.get(waiting.pop(), frozenset()) - seen
        seen |= fresh
        waiting += fresh
    return frozenset(seen - {qid})


def _below(items: Iterable[Qid], above: Mapping[Qid, frozenset[Qid]]) -> dict[Qid, int]:
    counts: dict[Qid, int] = {}
    for qid in items:
        for ancestor in _ancestors(qid, above):
            counts[ancestor] = counts.get(ancestor, 0) + 1
    return counts
