"""A catalog whose lists people on the wiki have changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from depicts_model.linker.facts import Facts
from depicts_model.overrides import Overrides
from depicts_model.types import Qid


@dataclass(frozen=True, slots=True, eq=False)
class Overruled:
    """The facts with other lists; everything else is the catalog's own. Fits `facts.Facts`."""

    facts: Facts
    visual: frozenset[Qid]
    never_suggest: frozenset[Qid]
    withhold: frozenset[Qid]

    @classmethod
    def by(cls, facts: Facts, overrides: Overrides) -> Overruled:
        """The facts as ``overrides`` change them.

        What is allowed may be suggested if a photo can show it and it is not too general. No
        override frees people or what tells of them (`overrides.Overrides.never`). What is said of
        a duplicate holds for the item that stands for it.
        """
        overrides, fixed = overrides.through(facts.representative), facts.personal | facts.people
        never = overrides.never(facts.never_suggest, fixed)
        freed = (facts.never_suggest - never) & facts.depictable - facts.too_general
        visual = (facts.visual | freed) - never
        return cls(facts, visual, never, overrides.held(facts.withhold, fixed))

    @property
    def snapshot(self) -> str:
        """Id of the catalog build."""
        return self.facts.snapshot

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that labels are in."""
        return self.facts.languages

    @property
    def qids(self) -> tuple[Qid, ...]:
        """All items, in row order."""
        return self.facts.qids

    @property
    def depictable(self) -> frozenset[Qid]:
        """What a photo can show."""
        return self.facts.depictable

    @property
    def too_general(self) -> frozenset[Qid]:
        """Items that say too little to be shown."""
        return self.facts.too_general

    @property
    def people(self) -> frozenset[Qid]:
        """Named humans."""
        return self.facts.people

    @property
    def personal(self) -> frozenset[Qid]:
        """What tells of people, and cannot be allowed."""
        return self.facts.personal

    def label(self, qid: Qid, language: str = "en") -> str | None:
        """Label by the language's fallback chain."""
        return self.facts.label(qid, language)

    def other_names(self, language: str = "en") -> Iterable[tuple[Qid, str]]:
        """Items with names beside their label."""
        return self.facts.other_names(language)

    def parents(self, qid: Qid) -> Iterable[Qid]:
        """Direct parents."""
        return self.facts.parents(qid)

    def children(self, qid: Qid) -> Iterable[Qid]:
        """Direct children."""
        return self.facts.children(qid)

    def ancestors(self, qid: Qid) -> Iterable[Qid]:
        """All ancestors, without the item itself."""
        return self.facts.ancestors(qid)

    def representative(self, qid: Qid) -> Qid:
        """The item that stands for this one and its duplicates."""
        return self.facts.representative(qid)

    def commons_categories(self) -> Iterable[tuple[Qid, str]]:
        """Items with the category that they state."""
        return self.facts.commons_categories()

    def coordinates(self) -> Iterable[tuple[Qid, float, float]]:
        """Items with their latitude and longitude, degrees."""
        return self.facts.coordinates()

    def closure_rows(self) -> Iterable[tuple[int, int]]:
        """Pairs (item row, ancestor row)."""
        return self.facts.closure_rows()
