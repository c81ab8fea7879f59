"""What a SPARQL service says of items, read; where it makes no sense, it is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from depicts_model.catalog.dump_entities import facts_of
from depicts_model.catalog.sparql_facts import Row, facts_of_rows, number_of
from depicts_model.catalog.sparql_queries import LABEL, facts
from depicts_model.errors import ArtefactError
from depicts_model.types import Term
from depicts_model.wiki.sparql import Endpoint
from tests.model.catalog.crawls import POLITE, TAGS, crawled, known, refuse_facts
from tests.model.catalog.dumps import BAKER, MAMMAL, SOMEBODY, TABBY, UNKNOWN
from tests.model.catalog.services import Answer, Service, graph_of, serving


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(graph_of(known())) as found:
        yield found


def bindings(*found: dict[str, str]) -> Answer:
    names = sorted({name for row in found for name in row})
    told = [{n: {"type": "uri", "value": v} for n, v in row.items()} for row in found]
    return Answer(json.dumps({"head": {"vars": names}, "results": {"bindings": told}}).encode())


WD = "http://www.wikidata.org/entity/"
NONSENSE: dict[str, tuple[Answer, str]] = {
    "no child": (bindings({"x": "y"}), "a row without ?child"),
    "order": (bindings({"child": f"{WD}Q2"}, {"child": f"{WD}Q1"}), "does not keep to the order"),
    "twice": (bindings({"child": f"{WD}Q2"}, {"child": f"{WD}Q2"}), "does not keep to the order"),
    "too many": (
        bindings(*({"child": f"{WD}Q{n}"} for n in (1, 2, 3, 4))),
        "the order or the limit of a page",
    ),
}


@pytest.mark.parametrize(("answer", "words"), NONSENSE.values(), ids=NONSENSE)
def test_a_service_that_cannot_page_is_not_asked_for_ever(
    tmp_path: Path, service: Service, answer: Answer, words: str
) -> None:
    service.scripted = [answer]
    with pytest.raises(ArtefactError, match=service.url) as caught:
        crawled(service, tmp_path / "c.sqlite", rows=3)
    assert words in str(caught.value)


def test_a_service_that_gives_every_page_anew_is_an_error(tmp_path: Path, service: Service) -> None:
    page = bindings({"child": f"{WD}Q1"}, {"child": f"{WD}Q2"})
    service.scripted = [page, page]
    with pytest.raises(ArtefactError, match="does not keep to the order"):
        crawled(service, tmp_path / "c.sqlite", rows=2)


@pytest.mark.slow
def test_a_service_that_knows_nothing_is_an_error(tmp_path: Path) -> None:
    with serving(Graph()) as service, pytest.raises(ArtefactError, match="knows none of the items"):
        crawled(service, tmp_path / "c.sqlite")


def of(prop: str, value: str) -> dict[str, str]:
    return {"item": f"{WD}Q5", "property": prop, "value": value}


DIRECT = "http://www.wikidata.org/prop/direct/"
UNFIT = [
    ({"item": f"{WD}Q5"}, "a row without item, property or value"),
    (of(f"{DIRECT}P31", "http://x/Q1"), "Q5: P31: not an item: 'http://x/Q1'"),
    (of(f"{DIRECT}P18", "http://x/a.jpg"), "Q5: P18: not the address of a file"),
    (of(f"{DIRECT}P625", "Point(1)"), "Q5: P625: not Point(longitude latitude): 'Point(1)'"),
    (of(f"{DIRECT}P625", "Point(1 x)"), "Q5: P625: not Point(longitude latitude)"),
    (of("http://wikiba.se/ontology#sitelinks", "-1"), "Q5: sitelinks: not a count: '-1'"),
    (of("p", "v") | {"item": "http://x"}, "http://x: not an item"),
    (of("p", "v") | {"item": f"{WD}Q987654321"}, "facts of items that were not asked for"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("row", "words"), UNFIT, ids=lambda value: str(value)[-40:])
def test_facts_that_make_no_sense_are_named(
    tmp_path: Path, service: Service, row: dict[str, str], words: str
) -> None:
    service.judge = refuse_facts(bindings(row))
    with pytest.raises(ArtefactError, match=f"^{service.url}: ") as caught:
        crawled(service, tmp_path / "c.sqlite", items=1000)
    assert words in str(caught.value)


@pytest.fixture(scope="module")
def answer() -> list[Row]:
    """The facts of all items of the known world, as the service gives them."""
    with serving(graph_of(known())) as service, Endpoint(service.url, "us", POLITE) as endpoint:
        numbers = (int(one["id"][1:]) for one in known() if one["type"] == "item")
        return endpoint.ask(facts(numbers, TAGS))


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(answer: list[Row], chance: Random) -> None:
    shuffled = list(answer)
    chance.shuffle(shuffled)
    assert facts_of_rows(shuffled, TAGS) == facts_of_rows(answer, TAGS)


def test_what_the_service_says_is_what_the_dump_says(answer: list[Row]) -> None:
    found = facts_of_rows(answer, TAGS)
    for entity in known():
        read = facts_of(entity, TAGS)
        if read:
            assert found[read.id] == read
    assert found[TABBY].image == "best.jpg"
    assert (found[TABBY].latitude, found[TABBY].longitude) == (1.5, -2.25)
    assert [n for n, one in sorted(found.items()) if one.human] == [SOMEBODY, BAKER]
    assert found[BAKER].p31 == [MAMMAL], "the best rank leads up, and no other"
    assert found[UNKNOWN].p279 == []


def test_tags_are_matched_whatever_their_case() -> None:
    label = Term("literal", "x", "zh-hans")
    row = {"item": Term("uri", f"{WD}Q5"), "property": Term("uri", LABEL), "value": label}
    assert facts_of_rows([row], ("zh-Hans",))[5].labels == {"zh-Hans": "x"}
    assert facts_of_rows([row], ("zh",))[5].labels == {}, "which nobody asked for"


@pytest.mark.parametrize("address", ["Q5", f"{WD}L5", f"{WD}Q05", "http://x/entity/Q5", ""])
def test_only_an_items_address_is_an_item(address: str) -> None:
    assert number_of(f"{WD}Q5") == 5
    assert number_of(address) is None
