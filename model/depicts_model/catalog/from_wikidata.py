"""What a dump and a SPARQL service share on the way to a catalog: above all, what is dropped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from depicts_model.catalog.builder import number
from depicts_model.catalog.dump_content import listed_ids
from depicts_model.catalog.dump_entities import Facts
from depicts_model.catalog.mending import CUT, DROP, DROP_DIRECT, Tables
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid


@dataclass(frozen=True, slots=True)
class Dropped:
    """Items that never come in, whatever leads to them."""

    items: frozenset[int]
    """Upper classes, and kinds of item that are dropped, with all below them."""
    kinds: frozenset[int]
    """Of these no instance comes in, unless a table names it."""
    named: frozenset[int]
    """What the tables name."""

    @classmethod
    def of(cls, tables: Tables, below: frozenset[int]) -> Self:
        """``below``: what is marked to be dropped with all below it, and all below it."""
        kinds, named = below | marked(tables, DROP_DIRECT), listed_ids(tables)
        return cls((kinds - named) | marked(tables, CUT), kinds, named)

    def drops(self, facts: Facts) -> bool:
        """Whether this item stays out.

        A metaclass such as *profession* is named: what lies below it must stay barred.
        """
        return self.drops_item(facts.id, facts.p31)

    def drops_item(self, item: int, p31: Iterable[int]) -> bool:
        """The same of an item known by its number and what it is an instance of."""
        if item in self.items:
            return True
        return item not in self.named and not self.kinds.isdisjoint(p31)


def dropped_roots(tables: Tables) -> frozenset[int]:
    """Items that are dropped with all below them."""
    return marked(tables, DROP)


def super_entities(tables: Tables, below: frozenset[int]) -> frozenset[int]:
    """Where a catalog begins; ``below``: the dropped roots and all below them.

    Raises ArtefactError where one of them is dropped: one wrong P279 on Wikidata would empty the
    catalog of all animals, and nobody would be told.
    """
    names = {number(Qid(row["qid"])): row["label"] for row in tables.super_entities}
    for item in sorted(names.keys() & below):
        where = "lies below an item that upper_classes.csv drops"
        raise ArtefactError(f"Q{item} ({names[item]}): a super-entity {where}: mend its P279")
    return frozenset(names)


def marked(tables: Tables, action: str) -> frozenset[int]:
    """Items for which upper_classes.csv says ``action``."""
    rows = (row for row in tables.upper_classes if row["action"] == action)
    return frozenset(number(Qid(row["qid"])) for row in rows)


def work_path(out: Path) -> Path:
    """The work file of the catalog ``out``, beside it."""
    return out.with_name(f".{out.name}.work")


def hash_of(tables: Tables) -> str:
    """The sha256 of the reviewed tables, hexadecimal."""
    return hashlib.sha256(json.dumps(asdict(tables), sort_keys=True).encode()).hexdigest()
