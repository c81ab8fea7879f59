"""What is said about a file. Pure: an outcome and the catalog in, JSON out.

The last gate before a reader: whatever was stored, nothing without a label in their language
chain, nothing on the never-suggest list as the wiki changed it, and nothing that the file already
says is shown; and no person refines anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

from depicts_model.store import StoredOutcome
from depicts_model.types import (
    Failed,
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
PENDING: Final = "pending"


class Items(Protocol):
    """What an answer needs of a catalog; ``lists.Listed`` is the real one."""

    @property
    def never_suggest(self) -> frozenset[Qid]:
        """Items that nobody is shown."""

    @property
    def people(self) -> frozenset[Qid]:
        """Named humans: suggested where words named them, and never to refine by."""

    def label(self, qid: Qid, language: str = ...) -> str | None:
        """The label in the reader's chain, or None."""

    def item(self, qid: Qid, language: str = ...) -> Item | None:
        """The item in the reader's chain, or None."""

    def ancestors(self, qid: Qid) -> frozenset[Qid]:
        """Every item above."""

    def representative(self, qid: Qid) -> Qid:
        """The item that stands for a duplicate."""


def answer(stored: StoredOutcome, wanted: Wanted, items: Items, most: int) -> Json:
    """The body of a 200: what became of the file, and what may be shown to this reader.

    ``most``: how many suggestions at the most. The token is added by the caller.
    """
    told = _told(stored.outcome)
    if isinstance(stored.outcome, Suggested):
        shown, left_out = _shown(stored.outcome.suggestions, wanted, items)
        told["suggestions"] = shown[:most]
        if not shown:
            told |= {"outcome": "nothing", "reason": left_out}
    file = {"mid": stored.file.mid, "title": stored.file.title}
    return {**file, "model_version": stored.model_version, "suggestions": [], **told}


def pending(mid: Mid, position: int) -> Json:
    """The body of a 202: nobody looked at the file yet; it waits at this place from 1."""
    return {"mid": mid, "outcome": PENDING, "position": position}


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
    suggestions: Sequence[Suggestion], wanted: Wanted, items: Items
) -> tuple[list[Json], str]:
    """What may be shown, and why the rest may not where nothing is left."""
    said = _said(wanted.have, items)
    new = [s for s in suggestions if items.representative(s.qid) not in said]
    allowed = [s for s in new if s.qid not in items.never_suggest]
    made = [_suggestion(s, wanted, said, items) for s in allowed]
    if not new:
        reason = NothingReason.ALREADY_THERE if suggestions else NothingReason.NOT_SURE
        return [], reason.value
    return [s for s in made if s], NO_LABEL if allowed else NothingReason.NEVER_SUGGEST.value


def _said(have: Iterable[Qid], items: Items) -> frozenset[Qid]:
    """The items that a file with these statements already says: these and all above."""
    said: set[Qid] = set()
    for qid in have:
        standing = items.representative(qid)
        said |= {qid, standing} | items.ancestors(qid) | items.ancestors(standing)
    return frozenset(said)


def _suggestion(
    suggestion: Suggestion, wanted: Wanted, said: frozenset[Qid], items: Items
) -> Json | None:
    item = items.item(suggestion.qid, wanted.language)
    if item is None:
        return None
    above = items.ancestors(item.qid)
    refined = [q for q in wanted.have if items.representative(q) in above]
    return {
        "item": item.qid,
        "label": item.label,
        "description": item.description,
        "kind": next(iter(_chips(_nearest(item.parents, items), wanted.language, items)), None),
        "confidence": suggestion.confidence,
        "reasons": list(suggestion.reasons),
        "more_specific_than": _chips(refined, wanted.language, items),
        "more_general": _refining(suggestion.more_general, wanted, said, items),
        "more_specific": _refining(suggestion.more_specific, wanted, said, items),
        "url": f"{ITEM_PAGE}{item.qid}",
    }


def _nearest(parents: Sequence[Qid], items: Items) -> list[Qid]:
    """Those of the parents that are not above another one: a cat is a Felis, then a Felidae."""
    above = frozenset[Qid]().union(*(items.ancestors(parent) for parent in parents))
    return [parent for parent in parents if parent not in above]


def _refining(
    qids: Iterable[Qid], wanted: Wanted, said: frozenset[Qid], items: Items
) -> list[Json]:
    """Chips that may be chosen in a suggestion's place: the same gate as for suggestions."""
    barred = items.never_suggest | items.people
    new = [q for q in qids if q not in barred and items.representative(q) not in said]
    return _chips(new, wanted.language, items)


def _chips(qids: Iterable[Qid], language: str, items: Items) -> list[Json]:
    labels = ((qid, items.label(qid, language)) for qid in qids)
    return [{"item": qid, "label": label} for qid, label in labels if label is not None]
