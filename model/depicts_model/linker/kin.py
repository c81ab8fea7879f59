"""The catalog's hierarchy as what is shown is judged by it; a node is an item's number."""

from __future__ import annotations

from depicts_model.linker.facts import Facts, numeric
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.types import Qid


class CatalogKin:
    """Fits `display_metrics.Kin`; what was asked once is kept."""

    def __init__(self, facts: Facts, hierarchy: Hierarchy) -> None:
        self._facts = facts
        self._below = dict(zip(hierarchy.nodes, hierarchy.visual_below.tolist(), strict=True))
        self._above: dict[int, frozenset[int]] = {}
        self._alike: dict[Qid, set[Qid]] = {}
        for qid in facts.qids:
            self._alike.setdefault(facts.representative(qid), set()).add(qid)

    def same(self, thing: frozenset[Qid]) -> frozenset[Qid]:
        """The items, with those of which they are duplicates, and the other way."""
        alike = (self._alike.get(self._facts.representative(qid), ()) for qid in thing)
        return thing.union(*alike)

    def named(self, thing: frozenset[Qid]) -> frozenset[int]:
        """The nodes that name the thing: of its items, and of `same` ones."""
        return frozenset(map(numeric, self.same(thing)))

    def above(self, node: int) -> frozenset[int]:
        """Numbers of the item's ancestors."""
        if node not in self._above:
            found = map(numeric, self._facts.ancestors(Qid(f"Q{node}")))
            self._above[node] = frozenset(found)
        return self._above[node]

    def below(self, node: int) -> int:
        """The catalog's visual items below the item; of one outside the model's hierarchy none."""
        return int(self._below.get(Qid(f"Q{node}"), 0))
