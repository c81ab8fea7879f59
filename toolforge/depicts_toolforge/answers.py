"""What is said about a file. Pure: an outcome and the catalog in, JSON out.

The last gate before a reader: whatever was stored, nothing without a label in their language
chain, nothing on the never-suggest list as the wiki changed it, nothing that is paused or that two
people refused, and nothing that the file already says is shown; and no person refines anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final, Protocol

from depicts_model.store import StoredOutcome
from depicts_model.types import (
    Failed,
    FileRef,
    Item,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    Suggested,
    Suggestion,
)
from depicts_toolforge.asked import Wanted

Json = dict[str, Any]

ITEM_PAGE: Final = "https://www.wikidata.org/wiki/"
NO_LABEL: Final = "no-label"
"""Nothing to suggest to this reader: no item left has a label that they can read."""
REFUSED: Final = "refused"
"""Independent people said "no" to each item for this very content."""
PAUSED: Final = "paused"
"""The items' classes are paused; as an outcome: everything is."""
PENDING: Final = "pending"
_NOTHING_REFUSED: Final = frozenset[Qid]()


class Items(Protocol):
    """What an answer needs of a catalog; ``lists.Listed`` is the real one."""

    @property
    def never_suggest(self) -> frozenset[Qid]:
        """Items that nobody is shown."""

    @property
    def paused(self) -> frozenset[Qid]:
        """Items of classes that are paused."""

    @property
    def people(self) -> frozenset[Qid]:
        """Named humans: suggested where words named them, and never to refine by."""

    def label(self, qid: Qid, language: str = ...) -> str | None:
        """The label in the reader's chain, or None."""

    def label_language(self, qid: Qid, language: str = ...) -> str | None:
        """The language of that label, or None."""

    def item(self, qid: Qid, language: str = ...) -> Item | None:
        """The item in the reader's chain, or None."""

    def image(self, qid: Qid) -> str | None:
        """The name of a file on Commons that shows the item, or None."""

    def ancestors(self, qid: Qid) -> frozenset[Qid]:
        """Every item above."""

    def representative(self, qid: Qid) -> Qid:
        """The item that stands for a duplicate."""


def answer(
    stored: StoredOutcome,
    wanted: Wanted,
    items: Items,
    most: int,
    refused: Collection[Qid] = _NOTHING_REFUSED,
) -> Json:
    """The body of a 200: what became of the file, and what may be shown to this reader.

    ``most``: how many suggestions at the most; ``refused``: the items that people refused for
    this content. The token is no part of the body.
    """
    told = _told(stored.outcome)
    if isinstance(stored.outcome, Suggested):
        shown, left_out = _shown(stored.outcome.suggestions, wanted, items, refused)
        told["suggestions"] = shown[:most]
        if not shown:
            told |= {"outcome": "nothing", "reason": left_out}
    return {**_file(stored.file), "model_version": stored.model_version, "suggestions": [], **told}


def _file(file: FileRef) -> Json:
    """Which content is told of; null what nobody saw."""
    return {
        "mid": file.mid,
        "title": file.title,
        "sha1": file.sha1 or None,
        "revision": file.revision if file.revision > 0 else None,
    }


def pending(mid: Mid, position: int) -> Json:
    """The body of a 202: nobody looked at the file yet; it waits at this place from 1."""
    return {"mid": mid, "outcome": PENDING, "position": position}


def paused(mid: Mid, reason: str) -> Json:
    """The body of a 200 while everything is switched off on the wiki."""
    return {"mid": mid, "outcome": PAUSED, "reason": reason or "no reason given", "suggestions": []}


def offered(body: Json) -> list[Qid]:
    """Every item that a verdict may be about: the suggestions and what refines them."""
    found: dict[Qid, None] = {}
    for suggestion in body["suggestions"]:
        refining = [*suggestion["more_general"], *suggestion["more_specific"]]
        found |= dict.fromkeys([suggestion["item"], *(chip["item"] for chip in refining)])
    return list(found)


def _told(outcome: Outcome) -> Json:
    match outcome:
        case Suggested():
            return {"outcome": "suggested"}
        case NothingToSuggest(reason):
            return {"outcome": "nothing", "reason": reason.value}
        case Skipped(reason):
            return {"outcome": "skipped", "reason": reason.value}
        case Failed(error, retry_after):
            return {"outcome": "failed", "error": error, "retry_after": retry_after}


def _shown(
    suggestions: Sequence[Suggestion], wanted: Wanted, items: Items, refused: Collection[Qid]
) -> tuple[list[Json], str]:
    """What may be shown, and why the rest may not where nothing is left."""
    said = said_by(wanted.have, items)
    left, reason = suggestions, NothingReason.NOT_SURE.value
    for bars, word in _gates(said, items, refused):
        kept = [one for one in left if not bars(one.qid)]
        reason, left = (word if left and not kept else reason), kept
    made = [_suggestion(one, wanted, said, items, refused) for one in left]
    return [one for one in made if one], NO_LABEL if left else reason


def _gates(
    said: Collection[Qid], items: Items, refused: Collection[Qid]
) -> tuple[tuple[Callable[[Qid], bool], str], ...]:
    """What bars an item, with the word for it, in the order in which it is told."""
    return (
        (lambda qid: items.representative(qid) in said, NothingReason.ALREADY_THERE.value),
        (lambda qid: qid in items.never_suggest, NothingReason.NEVER_SUGGEST.value),
        (lambda qid: qid in refused, REFUSED),
        (lambda qid: qid in items.paused, PAUSED),
    )


def said_by(have: Iterable[Qid], items: Items) -> frozenset[Qid]:
    """The items that a file with these statements already says: these and all above."""
    said: set[Qid] = set()
    for qid in have:
        standing = items.representative(qid)
        said |= {qid, standing} | items.ancestors(qid) | items.ancestors(standing)
    return frozenset(said)


def _suggestion(
    suggestion: Suggestion,
    wanted: Wanted,
    said: frozenset[Qid],
    items: Items,
    refused: Collection[Qid],
) -> Json | None:
    item = items.item(suggestion.qid, wanted.language)
    if item is None:
        return None
    above = items.ancestors(item.qid)
    refined = [q for q in wanted.have if items.representative(q) in above]

    def refining(qids: Iterable[Qid]) -> list[Json]:
        new = (q for q in qids if may_refine(q, said, items) and q not in refused)
        return chips(new, wanted.language, items)

    return {
        **described(item, wanted.language, items),
        "confidence": suggestion.confidence,
        "reasons": list(suggestion.reasons),
        "more_specific_than": chips(refined, wanted.language, items),
        "more_general": refining(suggestion.more_general),
        "more_specific": refining(suggestion.more_specific),
    }


def described(item: Item, language: str, items: Items) -> Json:
    """What a person is told of an item; ``kind``: the nearest above it that has a label.

    ``image``: a name, no address: whoever shows the picture asks the wiki where it lies.
    """
    kinds = chips(_nearest(item.parents, items), language, items)
    return {
        "item": item.qid,
        "label": item.label,
        "label_language": items.label_language(item.qid, language),
        "description": item.description,
        "kind": kinds[0] if kinds else None,
        "image": items.image(item.qid),
        "url": f"{ITEM_PAGE}{item.qid}",
    }


def _nearest(parents: Sequence[Qid], items: Items) -> list[Qid]:
    """Those of the parents that are not above another one: a cat is a Felis, then a Felidae."""
    above = frozenset[Qid]().union(*(items.ancestors(parent) for parent in parents))
    return [parent for parent in parents if parent not in above]


def may_refine(qid: Qid, said: Collection[Qid], items: Items) -> bool:
    """Whether it may be chosen in a suggestion's place: the same gate as for suggestions, and
    nobody is refined into a person.
    """
    barred = (items.never_suggest, items.people, items.paused)
    return not any(qid in them for them in barred) and items.representative(qid) not in said


def chips(qids: Iterable[Qid], language: str, items: Items) -> list[Json]:
    """The items by their labels, and the languages of these; without one an item is left out."""
    found = (
        {
            "item": qid,
            "label": items.label(qid, language),
            "label_language": items.label_language(qid, language),
        }
        for qid in qids
    )
    return [chip for chip in found if chip["label"] is not None]
