"""Generates a dump in the shape of Wikidata's, of as many lines as wanted, always the same.

Kinds of line are drawn in about the shares that Wikidata has them; some 13 of 100 items come into
the catalog. Statements, labels and sitelinks look as in the dump, though fewer.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from depicts_model import claims

Json = dict[str, Any]

LANGUAGES: Final = ("en", "de", "mul")
"""What the benchmarks ask for; the lines have labels in more."""
_ALL_LANGUAGES: Final = (*LANGUAGES, "fr", "es", "nl")
FIRST: Final = 200_000_000
"""Numbers of items start above Wikidata's own, so that no reviewed table names a generated item."""
_ARTICLE: Final = 13442814
_DISAMBIGUATION: Final = 4167410
_ROOTS: Final = 12
"""Classes and taxa that nothing lies above."""

_KINDS: Final = {"class": 2, "taxon": 4, "human": 13, "place": 26, "article": 48, "page": 7}
"""Lines of each kind in a hundred."""
_PICTURED: Final = {"class": 0.5, "taxon": 0.5, "human": 0.3, "place": 0.29}
"""Share of each kind that has a picture."""


def write(path: Path, lines: int, seed: int = 0) -> int:
    """Write a dump of so many lines, brackets not counted; how many edges the class graph has."""
    edges = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[\n")
        for position, entity in enumerate(entities(lines, seed)):
            found = entity["claims"]
            edges += sum(len(found.get(p, ())) for p in (claims.SUBCLASS_OF, claims.PARENT_TAXON))
            text = json.dumps(entity, ensure_ascii=False, separators=(",", ":"))
            file.write(",\n" * (position > 0) + text)
        file.write("\n]\n")
    return edges


def entities(count: int, seed: int = 0) -> Iterator[Json]:
    """So many items, classes and taxa anywhere among them: what lies above may come later."""
    chance = random.Random(seed)  # noqa: S311 - the same lines every time
    kinds = chance.choices([*_KINDS], [*_KINDS.values()], k=count)
    classes = [FIRST + i for i, kind in enumerate(kinds) if kind == "class"]
    taxa = [FIRST + i for i, kind in enumerate(kinds) if kind == "taxon"]
    ranks = {number: i for group in (classes, taxa) for i, number in enumerate(group)}
    for i, kind in enumerate(kinds):
        number = FIRST + i
        group = taxa if kind == "taxon" else classes
        above = _above(kind, group, ranks.get(number, 0), chance)
        yield _item(number, kind, above, chance)


def _above(kind: str, group: list[int], rank: int, chance: random.Random) -> list[Json]:
    """Statements on what lies above; a class has those before it above, so there is no cycle."""
    if kind == "human":
        return [_to(claims.INSTANCE_OF, int(claims.HUMAN[1:]))]
    if kind == "article":
        return [_to(claims.INSTANCE_OF, _ARTICLE)]
    if kind == "page":
        return [_to(claims.INSTANCE_OF, _DISAMBIGUATION)]
    if kind == "place":
        return [_to(claims.INSTANCE_OF, chance.choice(group))] if group else []
    if rank < _ROOTS:
        return []
    prop = claims.PARENT_TAXON if kind == "taxon" else claims.SUBCLASS_OF
    second = kind == "class" and chance.random() < 0.15
    return [_to(prop, group[n]) for n in {_earlier(rank, chance) for _ in range(1 + second)}]


def _earlier(rank: int, chance: random.Random) -> int:
    """Near its own place mostly: so ways up are some ten steps long."""
    return int(rank * chance.random() ** 0.7)


def _item(number: int, kind: str, above: list[Json], chance: random.Random) -> Json:
    statements = [*above, *_details(number, kind, chance)]
    found: dict[str, list[Json]] = {}
    for statement in statements:
        found.setdefault(statement["mainsnak"]["property"], []).append(statement)
    return {
        "type": "item",
        "id": f"Q{number}",
        "labels": _texts(f"{kind} {number}", chance.randint(2, len(_ALL_LANGUAGES))),
        "descriptions": _texts(f"{kind} that is described by its number", chance.randint(1, 3)),
        "aliases": {"en": [{"language": "en", "value": f"{number}"}]},
        "claims": found,
        "sitelinks": _sitelinks(number, chance.randint(0, 4)),
        "lastrevid": number,
        "modified": "2026-05-04T03:02:01Z",
    }


def _texts(text: str, languages: int) -> Json:
    return {tag: {"language": tag, "value": text} for tag in _ALL_LANGUAGES[:languages]}


def _sitelinks(number: int, count: int) -> Json:
    sites = (f"{tag}wiki" for tag in _ALL_LANGUAGES[:count])
    return {site: {"site": site, "title": f"Page {number}", "badges": []} for site in sites}


def _details(number: int, kind: str, chance: random.Random) -> Iterator[Json]:
    if chance.random() < _PICTURED.get(kind, 0):
        yield _statement(claims.IMAGE, f"Picture of {number}.jpg", "string")
    if kind == "taxon":
        yield _statement(claims.TAXON_NAME, f"Taxon {number}", "string")
    if kind == "place":
        yield _statement(claims.COORDINATES, _place(chance), "globecoordinate")
        yield _statement(claims.COMMONS_CATEGORY, f"Place {number}", "string")
    for prop in ("P1476", "P304", "P214"):  # of no use to a catalog, as most statements are
        yield _statement(prop, f"{number} {prop}", "string")


def _place(chance: random.Random) -> Json:
    return {
        "latitude": round(chance.uniform(-90, 90), 6),
        "longitude": round(chance.uniform(-180, 180), 6),
        "altitude": None,
        "precision": 0.0001,
        "globe": "http://www.wikidata.org/entity/Q2",
    }


def _to(prop: str, target: int) -> Json:
    value = {"entity-type": "item", "numeric-id": target, "id": f"Q{target}"}
    return _statement(prop, value, "wikibase-entityid")


def _statement(prop: str, value: Any, kind: str) -> Json:
    snak = {"snaktype": "value", "property": prop, "datavalue": {"value": value, "type": kind}}
    return {"mainsnak": snak, "type": "statement", "rank": "normal", "references": []}
