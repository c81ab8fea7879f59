"""The knobs of the selection, and what they make of each node whatever the image."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depicts_model.claims import HUMAN
from depicts_model.linker.facts import Facts
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.people import nameable
from depicts_model.linker.rules import Rule, check_rule
from depicts_model.types import Qid

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rules:
    """The knobs of the selection."""

    threshold: float | None
    """Confidence from which an item may be shown; None: nothing may."""
    specificity_floor: float
    """Bits below which an item is too general."""
    max_items_below: int = 320
    """An item with more visual items below it is too general (2 % of 16,018; linking.md §4)."""
    max_suggestions: int = 5
    starts: int = 20
    """How many of the most probable items are looked at."""
    order_bonus: float = 1.0
    """λ' in q · (IC + λ'), bits."""
    near_duplicate: float = 0.92
    """Cosine above which two items with one label or a common parent count as one."""
    withheld_mass: float = 0.15
    """Rolled-up mass of a withheld class that holds the image back."""
    withheld_ranks: int = 3
    """So does a withheld item among this many of the most probable ones …"""
    withheld_floor: float = 0.05
    """… unless its probability is below this."""
    rule: Rule = "climb"
    """Which nodes are offered; see `rules`."""
    darts_bonus: float = 0.0
    """λ of the rule ``darts``, bits."""

    def __post_init__(self) -> None:
        check_rule(self.rule)


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """What holds for each node (A,), whatever the image."""

    fit: Mask
    """May be shown at all: visual, labelled, neither never-suggest, nor withheld, nor a human."""
    never: Mask
    """On the never-suggest list, or a human or below."""
    specific: Mask
    supported: Mask
    """Judged often enough in calibration, at or below the node; a person by photos of their own."""
    withheld: Mask
    """A withheld class or below one."""
    people: Mask
    """Labelled people whom words can name (`people.nameable`); never fit, whatever pixels say."""
    over_people: Mask
    """Above a human: person, primate, mammal."""

    @property
    def nameable(self) -> Mask:
        """Nodes that words are searched for."""
        result: Mask = (self.fit | self.people) & self.specific
        return result

    @property
    def open(self) -> Mask:
        """Nodes that only a lack of confidence can keep back."""
        result: Mask = self.fit & self.specific & self.supported
        return result

    def open_to(self, named: Iterable[int]) -> Mask:
        """What is open for an image whose words name these nodes: `open`, and people among them.

        Of a person only the full name counts, not that of kin; all other rules hold. Then nothing
        above people is: who is not sure enough to be named is not called a primate instead.
        """
        rows = self.named_people(named)
        if not rows:
            return self.open
        result: Mask = self.open & ~self.over_people
        result[rows] = (self.specific & self.supported)[rows]
        return result

    def named_people(self, named: Iterable[int]) -> list[int]:
        """The people among nodes that words name."""
        return [node for node in named if self.people[node]]


def masks(
    facts: Facts,
    hierarchy: Hierarchy,
    specificity: Floats,
    rules: Rules,
    supported: Collection[Qid] | None,
    language: str = "en",
) -> Masks:
    """The masks for readers of ``language``; ``supported`` None: every node counts as supported."""
    nodes = hierarchy.nodes
    never = _at(nodes, facts.never_suggest) | _below(hierarchy, {HUMAN})
    labelled = np.array([facts.label(qid, language) is not None for qid in nodes], dtype=bool)
    withheld = _below(hierarchy, facts.withhold)
    narrow = (hierarchy.visual_below <= rules.max_items_below) & ~_at(nodes, facts.too_general)
    return Masks(
        fit=_at(nodes, facts.visual) & labelled & ~never & ~withheld,
        never=never,
        specific=(specificity >= rules.specificity_floor) & narrow,
        supported=np.ones(len(nodes), bool) if supported is None else _at(nodes, supported),
        withheld=withheld,
        people=_at(nodes, nameable(facts, nodes, language)) & labelled,
        over_people=_above(hierarchy, {HUMAN, *facts.people}),
    )


def _at(nodes: Iterable[Qid], wanted: Collection[Qid]) -> Mask:
    return np.array([qid in wanted for qid in nodes], dtype=bool)


def _above(hierarchy: Hierarchy, roots: Collection[Qid]) -> Mask:
    """Nodes above one of ``roots``, without these."""
    marked = _at(hierarchy.nodes, roots)
    return np.asarray(hierarchy.down @ marked.astype(np.float64) > 0) & ~marked


def _below(hierarchy: Hierarchy, roots: Collection[Qid]) -> Mask:
    """Nodes that are one of ``roots`` or below one."""
    marked = _at(hierarchy.nodes, roots)
    return np.asarray(hierarchy.up @ marked.astype(np.float64) > 0)
