"""Which items stand on which list, by the reviewed tables: the same for every source of a catalog.

A named person is not barred for being below *human*: people have a list of their own, and are
open to a file's words alone (promise 3). A row that names a person bars them all the same.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final

from depicts_model.catalog import schema
from depicts_model.catalog.barring import Below, roots_of, subtrees
from depicts_model.catalog.builder import Listed, number
from depicts_model.catalog.mending import Tables
from depicts_model.types import Qid

NAMED: Final = "a named human"


@dataclass(frozen=True, slots=True)
class Barred:
    """What is never to be suggested."""

    reasons: Mapping[Qid, str]
    """Item to the reason."""
    personal: frozenset[Qid]
    """Those that tell of people: gender, age, body, looks and roles. No override allows them."""


def barred(tables: Tables, below: Below, people: Container[Qid]) -> Barred:
    """The kept rows, and everything below those of a subtree in the hierarchy of ``below``."""
    rows = [row for row in tables.never_suggest if row["kept"] == "yes"]
    reasons = {Qid(row["qid"]): row["reason"] for row in rows}
    labels = {number(Qid(row["qid"])): row["label"] for row in rows}
    personal = {Qid(row["qid"]) for row in rows if row["personal"] == "yes"}
    told = {number(qid) for qid in personal}
    for item, root in subtrees(roots_of(tables), below).items.items():
        qid = Qid(f"Q{item}")
        if qid not in people:
            personal |= {qid} if root in told else set()
            reasons.setdefault(qid, f"below {labels[root]} (Q{root})")
    return Barred(reasons, frozenset(personal))


def listed(
    kept: frozenset[Qid],
    never: Barred,
    general: Mapping[Qid, str],
    people: frozenset[Qid],
    tables: Tables,
) -> list[Listed]:
    """The rows of all lists for the items that are ``kept``; ``general``: why each is too much."""
    held = {Qid(r["qid"]): r["reason"] for r in tables.withhold if r["kept"] == "yes"}
    lists: Mapping[str, Mapping[Qid, str]] = {
        schema.NEVER_SUGGEST: never.reasons,
        schema.PERSONAL: {qid: never.reasons[qid] for qid in never.personal},
        schema.TOO_GENERAL: general,
        schema.PEOPLE: dict.fromkeys(people, NAMED),
        schema.WITHHOLD: held,
    }
    return [
        Listed(name, qid, why)
        for name, rows in lists.items()
        for qid, why in rows.items()
        if qid in kept
    ]
