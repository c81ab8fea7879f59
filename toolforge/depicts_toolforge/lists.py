"""The catalog for the last gate before a reader: its lists as the bot last found them changed,
and the classes that are paused.

The service asks no wiki: the bot reads the page of lists at the start of each run, and records it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from depicts_model.catalog import Catalog
from depicts_model.overrides import NONE, Overrides
from depicts_model.types import Item, Qid
from depicts_toolforge.catalogs import Catalogs
from depicts_toolforge.switches import Switches


@dataclass(frozen=True, slots=True)
class Listed:
    """The catalog under these overrides; fits ``answers.Items``."""

    catalog: Catalog
    overrides: Overrides
    classes: frozenset[Qid]
    """The paused classes, as they were named."""
    paused: frozenset[Qid]
    """They and all below them."""
    never_suggest: frozenset[Qid]
    """With what is newly withheld and all below it: no picture of it is looked at any more."""

    @classmethod
    def by(
        cls, catalog: Catalog, overrides: Overrides, classes: frozenset[Qid] = frozenset()
    ) -> Self:
        """The catalog as ``overrides`` change it, with these ``classes`` paused."""
        changes = overrides.through(catalog.representative)
        below = {q for top in changes.withhold for q in catalog.descendants(top)}
        never = changes.never(catalog.never_suggest, catalog.personal | catalog.people)
        tops = classes.union(map(catalog.representative, classes))
        paused = tops.union(*map(catalog.descendants, tops))
        return cls(catalog, overrides, classes, paused, never | changes.withhold | below)

    @property
    def people(self) -> frozenset[Qid]:
        """Named humans, who refine nothing."""
        return self.catalog.people

    @property
    def visual(self) -> frozenset[Qid]:
        """What a photo can show, and what is not too general."""
        return self.catalog.visual

    def label(self, qid: Qid, language: str = "en") -> str | None:
        """The label in the reader's chain, or None."""
        return self.catalog.label(qid, language)

    def label_language(self, qid: Qid, language: str = "en") -> str | None:
        """The language of that label, or None."""
        return self.catalog.label_language(qid, language)

    def item(self, qid: Qid, language: str = "en") -> Item | None:
        """The item in the reader's chain, or None."""
        return self.catalog.item(qid, language)

    def image(self, qid: Qid) -> str | None:
        """The name of a file on Commons that shows the item, or None."""
        return self.catalog.image(qid)

    def children(self, qid: Qid) -> tuple[Qid, ...]:
        """Items one step below, by number."""
        return self.catalog.children(qid)

    def search(self, text: str, language: str, limit: int) -> tuple[Qid, ...]:
        """Items that the words name, best first."""
        return self.catalog.search(text, language, limit)

    def ancestors(self, qid: Qid) -> frozenset[Qid]:
        """Every item above."""
        return self.catalog.ancestors(qid)

    def representative(self, qid: Qid) -> Qid:
        """The item that stands for a duplicate."""
        return self.catalog.representative(qid)


@dataclass(slots=True)
class Lists:
    """What the newest run of the bot recorded, and what is paused; safe for many threads."""

    catalogs: Catalogs
    switches: Switches
    _made: Listed = field(init=False)

    def __post_init__(self) -> None:
        self._made = Listed.by(self.catalogs.now(), NONE)

    def now(self) -> Listed:
        """The catalog as it is to be shown now; made anew where it, lists or pauses are others."""
        made, found, catalog = self._made, self.switches.now(), self.catalogs.now()
        same = (made.overrides, made.classes) == (found.overrides, found.paused)
        if not same or made.catalog is not catalog:
            made = self._made = Listed.by(catalog, found.overrides, found.paused)
        return made
