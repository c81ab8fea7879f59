"""A file's card: what ``answers`` says of it, in words. Pure, and without HTML.

The template ``_card.html`` draws it; any page may use both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depicts_model.store import StoredOutcome
from depicts_model.types import Failed, Mid, Qid
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


@dataclass(frozen=True, slots=True)
class Chip:
    """A suggestion in words."""

    named: Named
    kind: str | None
    """Label of the nearest item above; None where none has a label."""
    confidence: float
    percent: str
    words: str
    reasons: tuple[str, ...]
    more_general: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A file, and what became of it."""

    mid: Mid
    name: str
    """The title without its namespace."""
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
    """Whether the small model shipped for the demonstration looked at it."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What every card of a page is made with."""

    items: Items
    language: str
    wiki_api: str
    most: int
    """Suggestions at the most."""
    demo_version: str | None = None

    @property
    def origins(self) -> Collection[str]:
        """Where thumbnails may come from."""
        return image_origins(self.wiki_api)


def card(stored: StoredOutcome, desk: Desk) -> Card:
    """The card of a file, after the last gate before a reader."""
    body = answer(stored, Wanted(desk.language, ()), desk.items, desk.most)
    failed = stored.outcome if isinstance(stored.outcome, Failed) else None
    return Card(
        mid=stored.file.mid,
        name=stored.file.title.removeprefix(_NAMESPACE),
        page=file_page(desk.wiki_api, stored.file.mid),
        thumbnail=thumbnail(stored.file.thumb_url, desk.origins),
        outcome=body["outcome"],
        why=wording.failure(failed.error) if failed else _why(body),
        error=failed.error if failed else "",
        retry=wording.retry(failed, stored.at) if failed else "",
        chips=tuple(map(_chip, body["suggestions"])),
        model_version=stored.model_version,
        demo=stored.model_version == desk.demo_version,
        at=stored.at,
    )


def _why(body: Json) -> str:
    return _WHY.get(body["outcome"], {}).get(body.get("reason", ""), "")


def _chip(suggestion: Json) -> Chip:
    kind = suggestion["kind"]
    return Chip(
        named=_named(suggestion),
        kind=kind["label"] if kind else None,
        confidence=suggestion["confidence"],
        percent=wording.percent(suggestion["confidence"]),
        words=wording.confidence(suggestion["confidence"]),
        reasons=tuple(suggestion["reasons"]),
        more_general=tuple(map(_named, suggestion["more_general"])),
    )


def _named(found: Json) -> Named:
    return Named(found["item"], found["label"], f"{ITEM_PAGE}{found['item']}")
