"""The rule of the VEL paper: rare items give way to frequent ones above them, or are dropped.

An item with fewer than `LEAST` uses is replaced by parents within `HOPS` steps, nearest first. A
parent takes its place that is itself used so often, by its own uses: what climbs does not count, so
that the order of items means nothing. Of the nearest step that has such parents all are taken,
those of P31 before those of P279 before those of P171; WordNet's hypernyms (for taxa, which have
no P171 here) are climbed too only where Wikidata's own properties lead to nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from depicts_model.dataset.edges import KINDS, WIKIDATA, Edges
from depicts_model.dataset.rows import Row, Things, Told
from depicts_model.types import Qid

LEAST: Final = 10
HOPS: Final = 3


@dataclass(frozen=True, slots=True)
class Climb:
    """What takes a rare item's place. ``kind``: of the last step; none takes it: dropped."""

    parents: tuple[Qid, ...] = ()
    hops: int = 0
    kind: str = ""

    def words(self) -> str:
        """As the report counts it."""
        if not self.parents:
            return "dropped"
        return f"replaced by {self.kind} at {self.hops} hop{'s' if self.hops > 1 else ''}"


class Vel2024:
    """The rule, once all uses are counted."""

    name: Final = "vel2024"

    def __init__(self, uses: Mapping[Qid, int], edges: Edges) -> None:
        self._uses = uses
        self._edges = edges
        rare = sorted(qid for qid, number in uses.items() if number < LEAST)
        self._climbs = {qid: self._climb(qid) for qid in rare}

    def apply(self, row: Row, told: Told) -> Row:
        """The row by the rule; it may show nothing any more."""
        for qid in row.items():
            if qid in self._climbs:
                told.count(f"rare uses {self._climbs[qid].words()}")
        return replace(row, things=self._things(row.things))

    def report(self) -> dict[str, int]:
        """How many items were replaced how, or dropped."""
        words = Counter(f"rare items {climb.words()}" for climb in self._climbs.values())
        return {"items used": len(self._uses), "items rare": len(self._climbs), **words}

    def _climb(self, qid: Qid) -> Climb:
        return self._search(qid, WIKIDATA) or self._search(qid, KINDS) or Climb()

    def _search(self, qid: Qid, kinds: Sequence[str]) -> Climb | None:
        """Step by step up; None where no parent within reach is used often enough."""
        seen, step = {qid}, {qid}
        for hops in range(1, HOPS + 1):
            above = {kind: self._edges.parents(step, kind) for kind in kinds}
            for kind in kinds:
                if frequent := tuple(p for p in above[kind] if self._uses.get(p, 0) >= LEAST):
                    return Climb(frequent, hops, kind)
            step = {parent for parents in above.values() for parent in parents} - seen
            seen |= step
        return None

    def _things(self, things: Things) -> Things:
        """One item alone becomes a thing a parent; alternatives stay one thing."""
        found: dict[tuple[Qid, ...], None] = {}
        for thing in things:
            now = tuple(dict.fromkeys(p for qid in thing for p in self._instead(qid)))
            parts = [(qid,) for qid in now] if len(thing) == 1 else [now]
            found.update(dict.fromkeys(part for part in parts if part))
        return tuple(found)

    def _instead(self, qid: Qid) -> tuple[Qid, ...]:
        climb = self._climbs.get(qid)
        return (qid,) if climb is None else climb.parents
