"""Which items to show for an image, or why none.

By the rule ``climb``, the default (`rules` names the others), from each of the most probable
items: it is a candidate if it passes (sure enough, specific enough, supported by the calibration,
and fit to be shown); otherwise its nearest ancestor that passes is.

Candidates are ordered by q · (IC + λ') and taken greedily, so that what is shown is
an antichain without near-duplicates, and nothing that the file already says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depicts_model.claims import HUMAN
from depicts_model.linker.facts import Facts, numeric
from depicts_model.linker.head import Evidence
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.masks import Mask, Masks, Rules
from depicts_model.linker.rules import darts
from depicts_model.types import NothingReason, Qid, SkipReason

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """An item to show."""

    node: int
    qid: Qid
    confidence: float
    best: int
    """Row of the most probable item at or below the node."""
    climbed: bool
    """True where the node stands for a more specific item that was not sure enough."""
    refines: Qid | None = None
    """The existing statement's item that this one is more specific than."""


Chosen = tuple[Choice, ...] | NothingReason | SkipReason
"""What to show, best first (never empty), or why nothing is."""


@dataclass(frozen=True, slots=True, eq=False)
class Selector:
    """The rule with what it needs to know."""

    facts: Facts
    hierarchy: Hierarchy
    specificity: Floats
    """(A,), bits."""
    masks: Masks
    rules: Rules
    vectors: NDArray[np.float32]
    """(N, d), unit item vectors, for the near-duplicate check."""
    language: str = "en"

    def choose(self, evidence: Evidence, existing: Collection[Qid] = ()) -> Chosen:
        """What to show, best first (never empty), or why nothing is.

        A file with a statement that the catalog does not know gets nothing: what lies above that
        item cannot be told, and any of it would be redundant (promise 2).
        """
        if self.held_back(evidence):
            return SkipReason.WITHHELD
        if self.unknown(existing):
            return NothingReason.ALREADY_THERE
        ranked = self._ranked(evidence)
        found = self._offered(ranked, evidence)
        said = self.said(existing)
        fresh = [n for n in dict.fromkeys(found) if self.hierarchy.nodes[n] not in said]
        if fresh:
            taken = self._take(self._ordered(fresh, evidence))
            return tuple(self._choice(n, evidence, existing) for n in taken)
        return NothingReason.ALREADY_THERE if found else self._why_nothing(ranked, evidence)

    def held_back(self, evidence: Evidence) -> bool:
        """True where a withheld class is among the top results (promise 3).

        A person whom the words name does not count, being a human or not; all others do.
        """
        rules, withheld = self.rules, self.masks.withheld
        told = self._told(evidence)
        if (self._mass_without(told, evidence)[withheld] >= rules.withheld_mass).any():
            return True
        top = evidence.ranked[: rules.withheld_ranks]
        top = top[(evidence.probabilities[top] >= rules.withheld_floor) & ~np.isin(top, told)]
        return bool(withheld[self.hierarchy.node_of_item[top]].any())

    def _told(self, evidence: Evidence) -> NDArray[np.intp]:
        """Rows of the items that are people whom the words name."""
        people = self.masks.named_people(evidence.named)
        return np.flatnonzero(np.isin(self.hierarchy.node_of_item, people))

    def _mass_without(self, rows: NDArray[np.intp], evidence: Evidence) -> Floats:
        """(A,): masses, but for what these items add."""
        if not len(rows):
            return evidence.mass
        added: Floats = self.hierarchy.closure[:, rows] @ evidence.probabilities[rows]
        return evidence.mass - added

    def _ranked(self, evidence: Evidence) -> list[int]:
        """Nodes of the most probable items, best first, each once."""
        top = evidence.ranked[: self.rules.starts]
        return list(dict.fromkeys(self.hierarchy.node_of_item[top].tolist()))

    def _offered(self, ranked: list[int], evidence: Evidence) -> list[int]:
        """Nodes that the rule offers, the most probable item's first."""
        match self.rules.rule:
            case "argmax":
                return [n for n in ranked[:1] if self._allowed(evidence)[n]]
            case "darts":
                bits, bonus = self.specificity, self.rules.darts_bonus
                best = darts(evidence.confidence, bits, self._allowed(evidence), bonus)
                return [] if best is None else [best]
        passing = self._passing(evidence)
        if self.rules.rule == "threshold":
            return [n for n in ranked if passing[n]]
        found = [n for start in ranked if (n := self._climb(start, passing)) is not None]
        return self._lowest(found)

    def _lowest(self, found: list[int]) -> list[int]:
        """``found`` without those that another item of it is below: the climb of one sibling must
        not hide another that is sure enough itself.
        """
        above = {int(a) for node in found for a in self.hierarchy.ancestors(node)}
        return [node for node in found if node not in above]

    def _allowed(self, evidence: Evidence) -> Mask:
        """What may be shown however unsure; nothing where no threshold was found."""
        return self.masks.open_to(evidence.named) & (self.rules.threshold is not None)

    def _passing(self, evidence: Evidence) -> Mask:
        if self.rules.threshold is None:
            return np.zeros(len(evidence.confidence), dtype=bool)
        return (evidence.confidence >= self.rules.threshold) & self._allowed(evidence)

    def _climb(self, start: int, passing: Mask) -> int | None:
        """The start if it passes, else the first ancestor that does; nearest, then specific."""
        if passing[start]:
            return start
        if not passing[self.hierarchy.ancestors(start)].any():
            return None  # most items: spares the climb
        for level in self.hierarchy.climb(start):
            passed = [n for n in level if passing[n]]
            if passed:
                return max(passed, key=lambda n: (self.specificity[n], -n))
        return None

    def unknown(self, existing: Collection[Qid]) -> frozenset[Qid]:
        """The items of a file's statements that the catalog does not hold."""
        return frozenset(existing) - {*self.facts.qids} if existing else frozenset()

    def said(self, existing: Collection[Qid]) -> frozenset[Qid]:
        """What the file's statements say already: their items and all ancestors of those."""
        facts = self.facts
        named = {*existing, *map(facts.representative, existing)}
        above = {a for qid in named for a in facts.ancestors(qid)}
        return frozenset({*named, *above, *map(facts.representative, above)})

    def may_show(self, qid: Qid) -> bool:
        """True where the item may be offered at all, were it known to be shown."""
        node = self.hierarchy.index.get(qid)
        if node is not None:
            return bool(self.masks.fit[node])
        kin = {qid, *self.facts.ancestors(qid)}
        if qid not in self.facts.visual - self.facts.never_suggest:
            return False
        if kin & {HUMAN, *self.facts.withhold}:
            return False
        return self.facts.label(qid, self.language) is not None

    def _ordered(self, nodes: Iterable[int], evidence: Evidence) -> list[int]:
        worth = evidence.confidence * (self.specificity + self.rules.order_bonus)
        return sorted(nodes, key=lambda n: (-worth[n], n))

    def _take(self, ordered: Iterable[int]) -> list[int]:
        taken: list[int] = []
        for node in ordered:
            if len(taken) < self.rules.max_suggestions and not self._clashes(node, taken):
                taken.append(node)
        return taken

    def _clashes(self, node: int, taken: Collection[int]) -> bool:
        return any(self.clash(node, other) for other in taken)

    def clash(self, node: int, other: int) -> bool:
        """True where the two may not be shown together: one above the other, or near-duplicates."""
        kin = other in self.hierarchy.ancestors(node) or other in self.hierarchy.descendants(node)
        return kin or self._same(node, other)

    def most_probable(self, node: int, evidence: Evidence) -> int:
        """Row of the most probable item at or below the node."""
        below = self.hierarchy.items_below(node)
        return int(below[np.argmax(evidence.probabilities[below])])

    def _same(self, one: int, other: int) -> bool:
        """Near-duplicates: vectors nearly equal, and one label or a common parent."""
        a, b = self._vector(one), self._vector(other)
        if a is None or b is None or float(a @ b) <= self.rules.near_duplicate:
            return False
        parents = self.hierarchy.parents
        return bool({*parents[one]} & {*parents[other]}) or self._label(one) == self._label(other)

    def _vector(self, node: int) -> NDArray[np.float32] | None:
        row = self.hierarchy.item_of_node[node]
        return None if row < 0 else self.vectors[row]

    def _label(self, node: int) -> str:
        return (self.facts.label(self.hierarchy.nodes[node], self.language) or "").casefold()

    def _choice(self, node: int, evidence: Evidence, existing: Collection[Qid]) -> Choice:
        best = self.most_probable(node, evidence)
        qid = self.hierarchy.nodes[node]
        return Choice(
            node=node,
            qid=qid,
            confidence=float(evidence.confidence[node]),
            best=best,
            climbed=int(self.hierarchy.node_of_item[best]) != node,
            refines=self._refined(qid, existing),
        )

    def _refined(self, qid: Qid, existing: Collection[Qid]) -> Qid | None:
        """The most specific of the existing statements' items above this one."""
        above = {*self.facts.ancestors(qid)}
        found = [e for e in existing if self.facts.representative(e) in above]
        return max(found, key=lambda e: (self._bits(e), -numeric(e)), default=None)

    def _bits(self, qid: Qid) -> float:
        """Specificity; below any other of what the model does not know."""
        node = self.hierarchy.index.get(self.facts.representative(qid))
        return -1.0 if node is None else float(self.specificity[node])

    def _why_nothing(self, ranked: list[int], evidence: Evidence) -> NothingReason:
        """Why the most probable item and all above it were of no use."""
        if not ranked or self.rules.threshold is None:
            return NothingReason.NOT_SURE
        chain = np.array([ranked[0], *self.hierarchy.ancestors(ranked[0])])
        sure = chain[evidence.confidence[chain] >= self.rules.threshold]
        if (self.masks.never & self.masks.specific)[sure].any():
            return NothingReason.NEVER_SUGGEST
        # what is specific and was never judged is kept back for want of evidence, not of detail
        too_general = len(sure) and not self.masks.specific[sure].any()
        return NothingReason.TOO_GENERAL if too_general else NothingReason.NOT_SURE
