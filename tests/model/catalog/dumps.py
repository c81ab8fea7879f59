"""Generates small dumps in the shape of Wikidata's own."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from depicts_model.types import Qid

Json = dict[str, Any]

ANIMAL, MAMMAL, CAT, TABBY, LION, FELIDAE = 900001, 7377, 146, 900004, 140, 25265
HUMAN, SOMEBODY, DISAMBIGUATION, HUMAN_DISAMBIGUATION = 5, 42, 4167410, 22808320
ENTITY, TOPIC = 35120, 900010
BAKER, NO_HUMAN, UNKNOWN = 900013, 900014, 900015


def statement(prop: str, value: Any, rank: str = "normal", kind: str = "value") -> Json:
    snak: Json = {"snaktype": kind, "property": prop}
    if kind == "value":
        snak["datavalue"] = {"value": value, "type": "string"}
    return {"mainsnak": snak, "type": "statement", "rank": rank}


def to(prop: str, target: int, rank: str = "normal") -> Json:
    value = {"entity-type": "item", "numeric-id": target, "id": f"Q{target}"}
    return statement(prop, value, rank)


def item(
    number: int,
    label: str | Mapping[str, str] = "",
    statements: Iterable[Json] = (),
    sitelinks: int = 2,
    image: bool = True,
) -> Json:
    names = {"en": label} if isinstance(label, str) else label
    claims: dict[str, list[Json]] = {}
    pictures = [statement("P18", f"{number}.jpg")] if image else []
    for one in (*statements, *pictures):
        claims.setdefault(one["mainsnak"]["property"], []).append(one)
    texts = {tag: {"language": tag, "value": text} for tag, text in names.items() if text}
    return {
        "type": "item",
        "id": f"Q{number}",
        "labels": texts or [],
        "descriptions": {"en": {"language": "en", "value": f"thing {number}"}},
        "aliases": {"en": [{"language": "en", "value": f"also {n}"} for n in (number, 1, number)]},
        "claims": claims or [],
        "sitelinks": {f"w{i}": {"site": f"w{i}", "title": "x"} for i in range(sitelinks)} or [],
        "modified": "2026-05-04T03:02:01Z",
    }


def known() -> list[Json]:
    """A few real shapes: classes, taxa, a human, pages of the wiki, ranks, no values."""
    earth = {"latitude": 1.5, "longitude": -2.25, "globe": "http://www.wikidata.org/entity/Q2"}
    moon = {"latitude": 9.0, "longitude": 9.0, "globe": "http://www.wikidata.org/entity/Q405"}
    return [
        item(ENTITY, "entity"),
        item(ANIMAL, "beast", [to("P279", ENTITY)], image=False, sitelinks=0),
        item(MAMMAL, "mammal", [to("P279", ANIMAL)]),
        item(
            CAT, {"en": "cat", "de": "Katze"}, [to("P279", MAMMAL), to("P279", LION, "deprecated")]
        ),
        item(
            TABBY,
            "tabby",
            [
                to("P31", CAT),
                statement("P31", None, kind="somevalue"),
                statement("P279", None, kind="novalue"),
                statement("P373", "Tabby cats"),
                statement("P625", moon),
                statement("P625", earth),
                statement("P18", "old.jpg", "deprecated"),
                statement("P18", "best.jpg", "preferred"),
            ],
        ),
        item(LION, "lion", [to("P171", FELIDAE), statement("P225", "Panthera leo")]),
        item(FELIDAE, "", [to("P171", MAMMAL)], image=False, sitelinks=0),
        item(HUMAN, "human", [to("P279", MAMMAL)]),
        item(SOMEBODY, "Somebody", [to("P31", HUMAN)]),
        item(DISAMBIGUATION, "disambiguation page"),
        item(HUMAN_DISAMBIGUATION, "people of a name", [to("P279", DISAMBIGUATION)]),
        item(900007, "Smith", [to("P31", HUMAN_DISAMBIGUATION)]),
        item(900008, "cat (disambiguation)", [to("P31", DISAMBIGUATION)]),
        item(900009, "unseen", [to("P31", CAT)], image=False),
        item(TOPIC, "unlinked", [to("P31", CAT)], sitelinks=0),
        item(BAKER, "Baker", [to("P31", HUMAN), to("P31", MAMMAL, "preferred")]),
        item(NO_HUMAN, "no human", [to("P31", HUMAN, "deprecated"), to("P31", CAT)]),
        item(
            UNKNOWN,
            "unknown",
            [to("P279", CAT), {**statement("P279", None, kind="somevalue"), "rank": "preferred"}],
        ),
        {"type": "property", "id": "P31", "datatype": "wikibase-item", "labels": {}, "claims": {}},
        {"type": "lexeme", "id": "L1", "lemmas": {}},
        {"type": "item", "id": "Q900012", "redirect": "Q146"},
    ]


def many(
    count: int, seed: int, props: tuple[str, str, str] = ("P279", "P31", "P171")
) -> list[Json]:
    """So many more items: a random graph with diamonds and cycles; some lack label or picture."""
    chance = random.Random(seed)
    numbers = range(1_000_000, 1_000_000 + count)
    found = []
    for n in numbers:
        kinds = chance.choices(props, [6, 3, 1], k=chance.randint(0, 3))
        above = [to(kind, chance.choice(numbers)) for kind in kinds]
        if chance.random() < 0.2:
            above.append(to("P279", chance.choice([CAT, MAMMAL, LION])))
        name = f"thing {n}" if chance.random() < 0.9 else ""
        found.append(item(n, name, above, chance.randint(0, 3), chance.random() < 0.6))
    return found


def parents(entities: Sequence[Json]) -> dict[Qid, set[Qid]]:
    """What the statements of these entities lead to among themselves."""
    known = {e["id"] for e in entities}
    found: dict[Qid, set[Qid]] = {Qid(q): set() for q in known}
    for entity in entities:
        for one in (s for prop in ("P31", "P279", "P171") for s in of(entity, prop)):
            found[entity["id"]] |= {one["mainsnak"]["datavalue"]["value"]["id"]} & known
    return found


def of(entity: Json, prop: str) -> list[Json]:
    """The statements of a property."""
    found: list[Json] = (entity["claims"] or {}).get(prop, [])
    return found


def dump(entities: Sequence[Json]) -> str:
    """The text of a dump."""
    return "[\n" + ",\n".join(json.dumps(e, ensure_ascii=False) for e in entities) + "\n]\n"
