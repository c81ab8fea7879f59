"""A file's card: what ``answers`` says of it, in words. Pure, and without HTML.

The template ``_card.html`` draws it; any page may use both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depicts_model.shares import percent
from depicts_model.store import StoredOutcome
from depicts_model.types import BY_PAGE_ID, Failed, Mid, Outcome, Qid, Suggested
from depicts_toolforge import wording
from depicts_toolforge.answers import ITEM_PAGE, Items, Json, answer
from depicts_toolforge.asked import Wanted
from depicts_toolforge.wikis import file_page, image_origins, thumbnail

_NAMESPACE: Final = "File:"
_WHY: Final = {"nothing": wording.NOTHING, "skipped": wording.SKIPPED}


@dataclass(frozen=True, slots=True)
class Named:
    """An item by its label, and its page."""

    item: Qid
    label: str
    url: str
    lang: str
    """The language to read the label in."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A suggestion in words."""

    named: Named
    kind: Named | None
    """The nearest item above; None where none has a label."""
    confidence: float
    percent: str
    words: str
    reasons: tuple[str, ...]
    more_general: tuple[Named, ...]
    more_specific: tuple[Named, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Card:
    """A file, and what became of it."""

    mid: Mid
    name: str
    """The title without its namespace; of a page that we never saw, what it is called by its id."""
    page: str
    thumbnail: str | None
    outcome: str
    """One of ``store.outcomes.KINDS``, as the reader is told it."""
    why: str
    """Why nothing is suggested, or what failed; empty where something is suggested."""
    error: str
    retry: str
    chips: tuple[Chip, ...]
    model_version: str
    demo: bool
    """Whether the small model shipped for the demonstration looked, as far as is known."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What every card of a page is made with."""

    items: Items
    language: str
    wiki_api: str
    most: int
    """Suggestions at the most."""

    @property
    def origins(self) -> Collection[str]:
        """Where thumbnails may come from."""
        return image_origins(self.wiki_api)

    def named(self, found: Json) -> Named:
        """An item of an answer, with the language that its label is in."""
        item = found["item"]
        return Named(item, found["label"], f"{ITEM_PAGE}{item}", found["label_language"])


def card(stored: StoredOutcome, refused: Collection[Qid], desk: Desk) -> Card:
    """The card of a file, after the last gate before a reader.

    ``refused``: the items that people refused for this content.
    """
    body = answer(stored, Wanted(desk.language, ()), desk.items, desk.most, refused)
    failed = stored.outcome if isinstance(stored.outcome, Failed) else None
    return Card(
        mid=stored.file.mid,
        name=name_of(stored.file.title),
        page=file_page(desk.wiki_api, stored.file.mid),
        thumbnail=thumbnail(stored.file.thumb_url, desk.origins),
        outcome=body["outcome"],
        why=wording.failure(failed.error) if failed else _why(body),
        error=failed.error if failed else "",
        retry=wording.retry(failed, stored.at) if failed else "",
        chips=tuple(_chip(one, desk) for one in body["suggestions"]),
        model_version=stored.model_version,
        demo=_demo(stored.outcome),
        at=stored.at,
    )


def name_of(title: str) -> str:
    """What a file is called: its title without the namespace; one never seen by its id."""
    if title.startswith(BY_PAGE_ID):
        return f"Page {title.removeprefix(BY_PAGE_ID)}"
    return title.removeprefix(_NAMESPACE)


def _why(body: Json) -> str:
    return _WHY.get(body["outcome"], {}).get(body.get("reason", ""), "")


def _demo(outcome: Outcome) -> bool:
    made = outcome.suggestions if isinstance(outcome, Suggested) else ()
    return any(wording.of_demo_model(one.reasons) for one in made)


def _chip(suggestion: Json, desk: Desk) -> Chip:
    kind = suggestion["kind"]
    return Chip(
        named=desk.named(suggestion),
        kind=desk.named(kind) if kind else None,
        confidence=suggestion["confidence"],
        percent=percent(suggestion["confidence"]),
        words=wording.confidence(suggestion["confidence"]),
        reasons=tuple(suggestion["reasons"]),
        more_general=tuple(map(desk.named, suggestion["more_general"])),
        more_specific=tuple(map(desk.named, suggestion["more_specific"])),
        description=suggestion["description"],
    )
