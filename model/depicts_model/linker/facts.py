"""What the linker needs to know about items: the part of the catalog that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from depicts_model.types import Qid


class Facts(Protocol):
    """The catalog as the linker sees it; `depicts_model.catalog.Catalog` fits."""

    @property
    def snapshot(self) -> str:
        """Id of the catalog build."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that labels are in."""

    @property
    def qids(self) -> tuple[Qid, ...]:
        """All items, in row order."""

    @property
    def visual(self) -> frozenset[Qid]:
        """Items that may be suggested; of duplicates only the representative."""

    @property
    def depictable(self) -> frozenset[Qid]:
        """What a photo can show, each thing once, whether or not it may be suggested."""

    @property
    def never_suggest(self) -> frozenset[Qid]:
        """Items that are never shown."""

    @property
    def too_general(self) -> frozenset[Qid]:
        """Items that say too little to be shown, whatever the model's own floor."""

    @property
    def withhold(self) -> frozenset[Qid]:
        """Items that hold an image back when they are among its top results."""

    @property
    def people(self) -> frozenset[Qid]:
        """Named humans: never visual, open to a file's words alone."""

    @property
    def personal(self) -> frozenset[Qid]:
        """Of what is never suggested, what tells of people; no override allows it."""

    def label(self, qid: Qid, language: str = "en") -> str | None:
        """Label by the language's fallback chain; None where there is none."""

    def other_names(self, language: str = "en") -> Iterable[tuple[Qid, str]]:
        """Items with names beside their label: aliases in this very language, names of taxa."""

    def parents(self, qid: Qid) -> Iterable[Qid]:
        """Direct parents."""

    def children(self, qid: Qid) -> Iterable[Qid]:
        """Direct children."""

    def ancestors(self, qid: Qid) -> Iterable[Qid]:
        """All ancestors, without the item itself."""

    def representative(self, qid: Qid) -> Qid:
        """The item that stands for this one and its duplicates."""

    def commons_categories(self) -> Iterable[tuple[Qid, str]]:
        """Items with the category on Commons that they state (P373), without its namespace."""

    def coordinates(self) -> Iterable[tuple[Qid, float, float]]:
        """Items with their latitude and longitude (P625), degrees."""

    def closure_rows(self) -> Iterable[tuple[int, int]]:
        """Pairs (item row, ancestor row), each once, (i, i) included."""


def numeric(qid: Qid) -> int:
    """The number of an item: the order that no permutation of rows can change."""
    return int(qid[1:])


def known_to(facts: Facts) -> dict[Qid, int]:
    """Item to its row in the catalog."""
    return {qid: row for row, qid in enumerate(facts.qids)}
