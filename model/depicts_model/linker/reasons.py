"""What a suggestion says for itself: short, plain, honest; and its neighbours to refine by."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice

from depicts_model.linker.facts import Facts
from depicts_model.linker.head import Evidence
from depicts_model.linker.select import Choice, Selector
from depicts_model.types import Qid

CHIPS = 5
"""At most this many neighbours each way."""
DEMO = "from the tiny demo model, which knows few things"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Items that a person may take instead."""

    more_general: tuple[Qid, ...]
    more_specific: tuple[Qid, ...]


def reasons(
    choice: Choice,
    evidence: Evidence,
    selector: Selector,
    items: tuple[Qid, ...],
    demo: bool,
) -> tuple[str, ...]:
    """Sentences for the reader, the most telling first.

    They are stored, and shown as they are: no item is named that may not be shown.
    """
    facts, language = selector.facts, selector.language
    share = percent(choice.confidence)
    said = [f"{_what(choice, evidence, selector)} ({share})"]
    if choice.climbed:
        said.append(
            f"sure of the kind, not of which one{_nearest(choice, evidence, selector, items)}"
        )
    if choice.refines is not None:
        said.append(f"more specific than {_name(facts, choice.refines, language)}")
    return (*said, DEMO) if demo else tuple(said)


def _what(choice: Choice, evidence: Evidence, selector: Selector) -> str:
    """What speaks for the item. Of a person the words do, and nobody's looks are told."""
    name = _name(selector.facts, choice.qid, selector.language)
    if choice.qid in selector.facts.people:
        return f"“{name}” stands in its {evidence.named[choice.node]}"
    return f"looks like {name}{_named(choice, evidence, selector)}"


def _named(choice: Choice, evidence: Evidence, selector: Selector) -> str:
    """That the file's words name the item or what is below it; empty where none do."""
    hierarchy = selector.hierarchy
    kin = [choice.node, *hierarchy.descendants(choice.node)]
    node = next((n for n in kin if n in evidence.named), None)
    if node is None or not selector.may_show(hierarchy.nodes[node]):
        return ""
    name = _name(selector.facts, hierarchy.nodes[node], selector.language)
    return f", and “{name}” stands in its {evidence.named[node]}"


def percent(share: float) -> str:
    """A share from 0 to 1 as it is shown everywhere: cut, so that 100% is said of certainty only.

    1e-9 forgives that 0.29 times 100 is a little less than 29.
    """
    return f"{math.floor(100 * share + 1e-9)}%"


def _nearest(choice: Choice, evidence: Evidence, selector: Selector, items: tuple[Qid, ...]) -> str:
    """The most probable item below, in brackets; nothing where that one may not be shown.

    The next one would be no better: it is not the nearest. Its share is its confidence, which is
    never above the suggestion's, and not its probability, which nothing has calibrated.
    """
    best = items[choice.best]
    if not selector.may_show(best):
        return ""
    node = int(selector.hierarchy.node_of_item[choice.best])
    share = percent(float(evidence.confidence[node]))
    return f" (nearest: {_name(selector.facts, best, selector.language)}, {share})"


def _name(facts: Facts, qid: Qid, language: str) -> str:
    return facts.label(qid, language) or qid


def neighbours(
    choice: Choice, evidence: Evidence, selector: Selector, existing: Collection[Qid]
) -> Neighbours:
    """Items next above and below that may be shown and that the file does not say already.

    A person is refined by nobody: what is above one tells what people are.
    """
    if choice.qid in selector.facts.people:
        return Neighbours((), ())
    said = selector.said(existing)
    hierarchy = selector.hierarchy
    levels = hierarchy.climb(choice.node)
    above = (hierarchy.nodes[n] for level in levels for n in level)
    below = sorted(selector.facts.children(choice.qid), key=lambda q: _rank(q, evidence, selector))
    return Neighbours(_few(above, selector, said), _few(below, selector, said))


def _rank(qid: Qid, evidence: Evidence, selector: Selector) -> tuple[float, int]:
    """Children in the order of their mass; those that the model does not know come last."""
    node = selector.hierarchy.index.get(qid)
    return (0.0 if node is None else -float(evidence.mass[node]), int(qid[1:]))


def _few(qids: Iterable[Qid], selector: Selector, said: Collection[Qid]) -> tuple[Qid, ...]:
    fit = (q for q in qids if q not in said and selector.may_show(q) and _says_enough(q, selector))
    return tuple(islice(fit, CHIPS))


def _says_enough(qid: Qid, selector: Selector) -> bool:
    """Whether it is specific enough to be shown; what the model does not know lies below that."""
    node = selector.hierarchy.index.get(qid)
    return node is None or bool(selector.masks.specific[node])
