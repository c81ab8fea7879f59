"""Small worlds below a super-entity, and how they are asked for."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from depicts_model.catalog.sparql_source import Crawl, Crawled, build_sparql
from depicts_model.types import Qid
from depicts_model.wiki.sparql import Endpoint, Manners
from tests.model.catalog import dumps
from tests.model.catalog.dumps import CAT, DISAMBIGUATION, LION, MAMMAL, item, statement, to
from tests.model.catalog.services import Answer, Json, Service

ROOT = 729
"""Animal, one of the super-entities."""
TAGS = ("de", "en")
POLITE = Manners(pause=0, timeout=60, backoff=0)


def q(number: int) -> Qid:
    return Qid(f"Q{number}")


def crawled(service: Service, out: Path, **sizes: int) -> Crawled:
    with Endpoint(service.url, "us", POLITE) as endpoint:
        return build_sparql(endpoint.ask, service.url, out, Crawl(TAGS, **sizes))


def refuse_facts(answer: Answer) -> Callable[[str], Answer | None]:
    return lambda query: answer if "?property ?value" in query else None


def known() -> list[Json]:
    """Below a super-entity, each for a law of its own; the dump's known shapes are among them."""
    moon = {"latitude": 9.0, "longitude": 9.0, "globe": "http://www.wikidata.org/entity/Q405"}
    earth = {"latitude": 1.5, "longitude": -2.25, "globe": "http://www.wikidata.org/entity/Q2"}
    return [
        *(one for one in dumps.known() if one["id"] != f"Q{MAMMAL}"),
        item(ROOT, "animal", [to("P279", dumps.ENTITY)]),
        item(MAMMAL, "mammal", [to("P279", n) for n in (ROOT, dumps.ANIMAL, 900030)]),
        item(900020, "many", [to("P279", CAT), statement("P625", moon), statement("P625", earth)]),
        item(900021, "below what has no page", [to("P171", 900022)]),
        item(900022, "", [to("P171", LION)], sitelinks=0, image=False),
        item(900023, "leaf without a picture", [to("P279", CAT)], image=False),
        item(900024, "leaf without a page", [to("P279", CAT)], sitelinks=0),
        item(900025, "a page of the wiki", [to("P279", CAT), to("P31", DISAMBIGUATION)]),
        item(900026, "below a page of the wiki", [to("P279", CAT), to("P279", 22808320)]),
        item(900027, "was a cat", [to("P279", CAT, "deprecated")]),
        item(900030, "above, yet below no super-entity", [], image=False, sitelinks=0),
        item(900031, "elsewhere", [to("P279", 900030)]),
    ]


def rooted(count: int, seed: int) -> list[Json]:
    """So many random items, each below the super-entity; cycles, diamonds, gaps, few pages."""
    chance = random.Random(seed)
    numbers = [1_000_000 + chance.randrange(10**6) for _ in range(count)]
    found = [item(ROOT, "animal"), item(DISAMBIGUATION, "page"), item(900040, "C", image=False)]
    for i, n in enumerate(numbers):
        above = [to(chance.choice(["P279", "P171"]), chance.choice([ROOT, *numbers[:i]]))]
        kinds = chance.choices(["P279", "P171", "P31"], k=chance.randint(0, 2))
        above += [to(kind, chance.choice([*numbers, 900040])) for kind in kinds]
        name, sitelinks, pictured = f"thing {n}", chance.randint(1, 3), chance.random() < 0.5
        match chance.randrange(10):
            case 0:
                name, sitelinks, pictured = "", 0, False
            # what is only above these two, a dump reads in vain
            case 1:
                above = [to("P279", ROOT), to("P31", DISAMBIGUATION)]
            case 2:
                above, sitelinks = [to("P279", ROOT)], 0
        found.append(item(n, name, above, sitelinks, pictured))
    return found
