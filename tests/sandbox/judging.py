"""The table of what counts as right on the demo's photos, and a run held against it.

The table was committed before the shipped model was fitted.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from depicts_model.catalog import Catalog
from depicts_model.catalog.starter import read_tables
from depicts_model.types import Qid

TABLE = Path(__file__).parent.parent / "fixtures" / "demo" / "accepted.csv"
RIGHT_AT_LEAST = 3
WRONG_AT_MOST = 0
MAX_ITEMS_BELOW = 320


@dataclass(frozen=True, slots=True)
class Accepted:
    """What counts as right on one photo; ``expect``: right, nothing, no-person or empty."""

    items: frozenset[Qid]
    expect: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A run against the table. ``broken``: promises that do not hold, one line each."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the run does not pass; empty where it does."""
        found = list(self.broken)
        if len(self.right) < RIGHT_AT_LEAST:
            found.append(f"{len(self.right)} photos right, at least {RIGHT_AT_LEAST} wanted")
        if len(self.wrong) > WRONG_AT_MOST:
            found.append(f"{len(self.wrong)} photos wrong ({', '.join(self.wrong)})")
        return tuple(found)


def read_table(path: Path = TABLE) -> dict[str, Accepted]:
    """File title to what is accepted on it."""
    with path.open(newline="", encoding="utf-8") as lines:
        return {row["title"]: _accepted(row) for row in csv.DictReader(lines)}


def _accepted(row: Mapping[str, str]) -> Accepted:
    return Accepted(frozenset(Qid(q) for q in row["accepted"].split("|") if q), row["expect"])


def judge(
    suggested: Mapping[str, Sequence[Qid]], table: Mapping[str, Accepted], catalog: Catalog
) -> Judgement:
    """Hold the suggestions of a run, by file title, against the table."""
    right, wrong, broken = [], [], []
    for title, items in suggested.items():
        accepted = {catalog.representative(qid) for qid in table[title].items}
        if any(item in accepted for item in items):
            right.append(title)
        if any(item not in accepted for item in items):
            wrong.append(title)
        broken += _broken(title, items, table[title].expect, catalog)
    return Judgement(tuple(right), tuple(wrong), tuple(broken))


def _people(catalog: Catalog) -> frozenset[Qid]:
    """All people, bodies and roles: the roots of the never-suggest list, and what is below them."""
    rows = read_tables().never_suggest
    roots = {Qid(r["qid"]) for r in rows if r["scope"] == "subtree" and r["kept"] == "yes"}
    return frozenset(roots.union(*(catalog.descendants(q) for q in roots)))


def _broken(title: str, items: Sequence[Qid], expect: str, catalog: Catalog) -> list[str]:
    barred = {catalog.representative(qid) for qid in (*catalog.never_suggest, *catalog.withhold)}
    found = [f"{title}: {q} is never to be suggested" for q in items if q in barred]
    found += [f"{title}: {q} is not depictable" for q in items if q not in catalog.visual]
    general = [q for q in items if catalog.visual_descendants(q) > MAX_ITEMS_BELOW]
    found += [f"{title}: {q} is too general" for q in general]
    found += [
        f"{title}: {q} is above another suggestion"
        for q in items
        if any(q in catalog.ancestors(other) for other in items)
    ]
    if expect == "no-person":
        found += [
            f"{title}: {q} is a person, a body or a role" for q in items if q in _people(catalog)
        ]
    if expect == "nothing" and items:
        found.append(f"{title}: a texture got {', '.join(items)}")
    return found
