"""Our own rule: rare items stay; what we would never suggest, and what says less, goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from depicts_model.catalog import Catalog
from depicts_model.dataset.rows import Row, Things, Told
from depicts_model.types import Qid


class Commons:
    """By a catalog: its lists, its duplicates, its closure."""

    name: Final = "commons"

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known = frozenset(catalog.qids)
        below = (catalog.descendants(qid) for qid in catalog.withhold)
        self._withheld = catalog.withhold.union(*below)
        self._above: dict[Qid, frozenset[Qid]] = {}

    def apply(self, row: Row, told: Told) -> Row:
        """The row by the rule; it may show nothing any more."""
        fit = (self._fit(thing, told) for thing in row.things)
        things = tuple(dict.fromkeys(thing for thing in fit if thing))
        return replace(row, things=self._most_specific(things, told))

    def report(self) -> dict[str, int]:
        """Nothing beside what `apply` tells."""
        return {}

    def _fit(self, thing: tuple[Qid, ...], told: Told) -> tuple[Qid, ...]:
        """Its items that may stay, each as what stands for it."""
        found: dict[Qid, None] = {}
        for qid in thing:
            now = self._catalog.representative(qid)
            if reason := self._reason(now):
                told.count(f"uses dropped: {reason}")
            else:
                found[now] = None
        return tuple(found)

    def _reason(self, qid: Qid) -> str:
        """Why an item may not stay; empty where it may."""
        if qid in self._catalog.people:
            return "people"
        if qid in self._catalog.never_suggest:
            return "never suggested"
        if qid in self._withheld:
            return "withheld"
        if qid not in self._known:
            return "not in the catalog"
        return "" if qid in self._catalog.depictable else "not to be seen"

    def _most_specific(self, things: Things, told: Told) -> Things:
        """Without what lies above another thing of the same file."""
        kept = []
        for thing in things:
            others = (qid for other in things if other != thing for qid in other)
            above = {ancestor for qid in others for ancestor in self._ancestors(qid)}
            if above.issuperset(thing):
                told.count("uses dropped: above another item of the file")
            else:
                kept.append(thing)
        return tuple(kept)

    def _ancestors(self, qid: Qid) -> frozenset[Qid]:
        if qid not in self._above:
            self._above[qid] = self._catalog.ancestors(qid)
        return self._above[qid]
