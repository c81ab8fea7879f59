"""The catalog for the last gate before a reader: its lists as the bot last found them changed.

The service asks no wiki: the bot reads the page of lists at the start of each run, and records it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from depicts_model.catalog import Catalog
from depicts_model.overrides import NONE, Overrides, recorded
from depicts_model.store import BOT_RUN, Store
from depicts_model.types import Item, Qid


@dataclass(frozen=True, slots=True)
class Listed:
    """The catalog under these overrides; fits ``answers.Items``."""

    catalog: Catalog
    overrides: Overrides
    never_suggest: frozenset[Qid]
    """With what is newly withheld and all below it: no picture of it is looked at any more."""

    @classmethod
    def by(cls, catalog: Catalog, overrides: Overrides) -> Self:
        """The catalog as ``overrides`` change it."""
        changes = overrides.through(catalog.representative)
        below = {q for top in changes.withhold for q in catalog.descendants(top)}
        never = changes.never(catalog.never_suggest, catalog.personal | catalog.people)
        return cls(catalog, overrides, never | changes.withhold | below)

    @property
    def people(self) -> frozenset[Qid]:
        """Named humans, who refine nothing."""
        return self.catalog.people

    def label(self, qid: Qid, language: str = "en") -> str | None:
        """The label in the reader's chain, or None."""
        return self.catalog.label(qid, language)

    def item(self, qid: Qid, language: str = "en") -> Item | None:
        """The item in the reader's chain, or None."""
        return self.catalog.item(qid, language)

    def ancestors(self, qid: Qid) -> frozenset[Qid]:
        """Every item above."""
        return self.catalog.ancestors(qid)

    def representative(self, qid: Qid) -> Qid:
        """The item that stands for a duplicate."""
        return self.catalog.representative(qid)


@dataclass(slots=True)
class Lists:
    """What the newest run of the bot recorded; safe for many threads."""

    store: Store
    catalog: Catalog
    _made: Listed = field(init=False)

    def __post_init__(self) -> None:
        self._made = Listed.by(self.catalog, NONE)

    def now(self) -> Listed:
        """The catalog as it is to be shown now; made anew where a run found other lists."""
        made, overrides = self._made, recorded(self.store.last_inputs(BOT_RUN))
        if made.overrides != overrides:
            made = self._made = Listed.by(self.catalog, overrides)
        return made
