"""Why each suggestion is there, and why its rivals are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from depicts_model.linker.head import Evidence
from depicts_model.linker.link import Linker
from depicts_model.linker.reasons import percent
from depicts_model.linker.rules import Rule
from depicts_model.linker.score import Vectors
from depicts_model.linker.select import Choice, Selector
from depicts_model.types import Candidate, FileContext, Outcome, Qid, SkipReason

SUGGESTED = "suggested"
ONE: Final[Mapping[Rule, str]] = {
    "argmax": "the rule argmax offers only the most probable item",
    "darts": "the rule darts offers one node: the most sure and specific by its reward",
}
"""Why all others stand back under a rule that knows no threshold and offers one node."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A node under consideration."""

    candidate: Candidate
    """``evidence``: what each term adds, by name. Terms of the score are those of the most
    probable item at or below; ``page:`` before a name marks what the file's page adds."""
    item: Qid
    """That item."""
    pixels: float
    """Confidence from pixels."""
    confidence: float
    missing: tuple[str, ...]
    """Terms of the page that say nothing of the node, for want of what they would read."""
    why: str
    """`SUGGESTED`, or what kept it back."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The outcome for one file, and the nodes that were in question, the surest first."""

    outcome: Outcome
    judgements: tuple[Judgement, ...]


def explain(linker: Linker, context: FileContext, image: bytes, limit: int = 10) -> Explanation:
    """What is shown for a file and the ``limit`` most probable items; raises ImageError."""
    vectors, errors = linker.encoder.encode([image])
    for error in errors.values():
        raise error
    (evidence,) = linker.head.read(vectors, [linker.reader.read(context)])
    chosen = linker.selector.choose(evidence, context.existing_depicts)
    taken = {c.node: c for c in chosen} if isinstance(chosen, tuple) else {}
    items = linker.head.hierarchy.node_of_item[evidence.ranked[:limit]].tolist()
    nodes = dict.fromkeys([*taken, *items])
    said = linker.selector.said(context.existing_depicts)
    held = _held(chosen, linker.selector.unknown(context.existing_depicts))
    whys = {n: _why(linker.selector, evidence, n, taken, held, said) for n in nodes}
    found = (_judgement(linker, vectors, evidence, node, why) for node, why in whys.items())
    ordered = sorted(found, key=lambda j: (j.why != SUGGESTED, -j.confidence))
    return Explanation(linker.told(context, evidence, chosen), tuple(ordered))


def _judgement(
    linker: Linker, vector: Vectors, evidence: Evidence, node: int, why: str
) -> Judgement:
    best = linker.selector.most_probable(node, evidence)
    scored = linker.head.scorer.terms(vector, best)
    told = evidence.page.terms
    page = linker.head.combiner.contributions(node, float(evidence.pixels[node]), told)
    items = linker.artefact.items.qids
    candidate = Candidate(
        qid=linker.head.hierarchy.nodes[node],
        similarity=float(evidence.cosines[best]),
        mass=float(evidence.mass[node]),
        evidence=scored | {f"page:{n}": value for n, value in page.items() if value is not None},
    )
    sure = float(evidence.pixels[node]), float(evidence.confidence[node])
    missing = tuple(name for name, value in page.items() if value is None)
    return Judgement(candidate, items[best], *sure, missing, why)


def _why(
    selector: Selector,
    evidence: Evidence,
    node: int,
    taken: dict[int, Choice],
    held: str,
    said: Collection[Qid],
) -> str:
    """The first rule that keeps the node back, in the order in which they bind."""
    if node in taken:
        return SUGGESTED
    qid = selector.hierarchy.nodes[node]
    barred = _barred(selector, node, evidence)
    if barred:
        return barred
    if qid in said:
        return "already said, itself or by something more specific"
    if held:
        return held
    threshold, sure = selector.rules.threshold, float(evidence.confidence[node])
    if threshold is None:
        return "the model is not calibrated: nothing may be shown"
    if selector.rules.rule in ONE:
        return ONE[selector.rules.rule]
    if sure < threshold:
        return f"not sure enough: {percent(sure)}, needs {percent(threshold)}"
    return _outdone(selector, node, taken)


def _held(chosen: object, unknown: Collection[Qid]) -> str:
    """What holds the whole file back; empty where nothing does."""
    if chosen is SkipReason.WITHHELD:
        return "the file is held back: a withheld class is among its top results"
    if unknown:
        return f"the file says {min(unknown)}, and what is above that the catalog does not know"
    return ""


def _barred(selector: Selector, node: int, evidence: Evidence) -> str:
    """What bars the node however sure the model is; empty where nothing does."""
    masks, rules, hierarchy = selector.masks, selector.rules, selector.hierarchy
    named = node in masks.named_people(evidence.named)
    if masks.people[node] and not named:
        return "a person whom the words do not name"
    if masks.never[node] and not named:
        return "never suggested: listed, or a person"
    if masks.withheld[node] and not named:
        return "a withheld class, or below one"
    if not masks.specific[node]:
        bits = f"{selector.specificity[node]:.1f} bits of {rules.specificity_floor:g}"
        return f"too general: {bits}, {hierarchy.visual_below[node]} items below"
    if not (masks.fit[node] or named):
        return "not to be shown: no label, not visual, or a duplicate"
    if not masks.supported[node]:
        return "too few judged photos showed it: its confidence is not known to be true"
    return ""


def _outdone(selector: Selector, node: int, taken: Iterable[int]) -> str:
    """Which suggestion stands in the node's way."""
    for other in taken:
        if selector.clash(node, other):
            return (
                f"stands back for {selector.hierarchy.nodes[other]}, which is above, below or alike"
            )
    return "the best of the others were taken first"
