"""What lies directly above an item, by the property that says so: what `vel2024` climbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from depicts_model.catalog import Catalog
from depicts_model.catalog.csv_tables import item_id, table_rows
from depicts_model.dataset.inputs import file_input
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid

WIKIDATA: Final = ("p31", "p279", "p171")
"""The properties that are climbed first, in this order."""
WORDNET: Final = "broader_wordnet"
KINDS: Final = (*WIKIDATA, WORDNET)
_IN_CATALOG: Final = {"wordnet": WORDNET}


@dataclass(frozen=True, slots=True)
class Edges:
    """Parents of an item by kind; a kind that it has none of is absent."""

    above: Mapping[Qid, Mapping[str, tuple[Qid, ...]]]
    said: Mapping[str, Any]
    """Where they come from, fit for JSON."""

    def parents(self, items: Iterable[Qid], kind: str) -> tuple[Qid, ...]:
        """One step above any of these, by this kind; sorted by number, each once."""
        found = {qid for item in items for qid in self.above.get(item, {}).get(kind, ())}
        return tuple(sorted(found, key=lambda qid: int(qid[1:])))


def of_catalog(catalog: Catalog) -> Edges:
    """Of the catalog's own edges, which were mended: some of Wikidata's are not there."""
    triples = ((c, p, _IN_CATALOG.get(kind, kind)) for c, p, kind in catalog.edges())
    return Edges(_collected(triples), {"of": "catalog", "snapshot": catalog.snapshot})


def of_table(path: Path) -> Edges:
    """Of a table of items (CSV) with the columns qid and those of `KINDS` that it has.

    Wikidata's edges as they are. Raises ArtefactError naming the file and the line.
    """
    triples: list[tuple[Qid, Qid, str]] = []
    for line, row in table_rows(path, ("qid",)):
        if row.keys().isdisjoint(KINDS):
            raise ArtefactError(f"{path}: line 1: no column of {', '.join(KINDS)}")
        child = item_id(row["qid"], path, line)
        for kind in KINDS:
            above = [text for text in row.get(kind, "").split("|") if text]
            triples += ((child, item_id(text, path, line), kind) for text in above)
    return Edges(_collected(triples), {"of": "table", **file_input(path)})


def _collected(triples: Iterable[tuple[Qid, Qid, str]]) -> dict[Qid, dict[str, tuple[Qid, ...]]]:
    found: dict[Qid, dict[str, tuple[Qid, ...]]] = {}
    for child, parent, kind in triples:
        if kind in KINDS and child != parent:
            kinds = found.setdefault(child, {})
            kinds[kind] = (*kinds.get(kind, ()), parent)
    return found
