"""What lies around an item, and what a person's words name."""

from __future__ import annotations

from itertools import islice
from typing import Any

from depicts_model.types import Qid
from tests.toolforge.conftest import CAT, DOG, FELIDAE, MAMMAL, UNKNOWN, Service
from tests.toolforge.test_nonsense import is_problem
from tests.toolforge.test_promises import run_with

FELIS, CARNIVORA = Qid("Q228283"), Qid("Q25306")
AROUND = "/api/v1/items/{}/neighbours"


def around(service: Service, qid: Qid, query: str = "") -> Any:
    answer = service.client.get(f"{AROUND.format(qid)}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def items_of(chips: list[dict[str, str]]) -> list[str]:
    return [chip["item"] for chip in chips]


def found(service: Service, **query: str | int) -> list[str]:
    answer = service.client.get("/api/v1/items", query_string=query)
    assert answer.status_code == 200, answer.text
    return items_of(answer.get_json()["items"])


def test_neighbours_are_named_the_nearest_first(service: Service) -> None:
    told = around(service, CAT, "lang=de")
    assert (told["item"], told["label"]) == (CAT, service.catalog.label(CAT, "de"))
    above = items_of(told["more_general"])
    assert above.index(FELIS) < above.index(FELIDAE) < above.index(CARNIVORA)
    assert MAMMAL not in above, "too general to help"
    assert set(above) <= service.catalog.ancestors(CAT) & service.catalog.visual
    below = set(items_of(told["more_specific"]))
    assert below and below <= set(service.catalog.children(CAT)) & service.catalog.visual


def test_what_the_file_says_is_no_neighbour(service: Service) -> None:
    above = items_of(around(service, CAT, f"have={FELIDAE}|{UNKNOWN}")["more_general"])
    assert FELIS in above and not {FELIDAE, CARNIVORA} & set(above)
    below = items_of(around(service, CAT)["more_specific"])
    left = items_of(around(service, CAT, f"have={below[0]}")["more_specific"])
    assert left == below[1:]


def test_what_is_barred_is_neither_neighbour_nor_found(service: Service) -> None:
    run_with(service, never_suggest=[FELIDAE])
    assert FELIDAE not in items_of(around(service, CAT)["more_general"])
    is_problem(service.client.get(AROUND.format(FELIDAE)), 404, "unknown-item")
    label = service.catalog.label(FELIDAE)
    assert label and FELIDAE not in found(service, search=label)


def test_nobody_meets_what_is_never_suggested_by_asking(service: Service) -> None:
    never = [q for q in sorted(service.catalog.never_suggest) if service.catalog.label(q)]
    for qid in islice(never, 20):
        is_problem(service.client.get(AROUND.format(qid)), 404, "unknown-item")
        assert qid not in found(service, search=service.catalog.label(qid) or "", limit=50)


def test_an_unknown_item_is_no_empty_list(service: Service) -> None:
    is_problem(service.client.get(AROUND.format(UNKNOWN)), 404, f"{UNKNOWN} is not offered")


def test_words_find_items_by_their_beginning_the_exact_label_first(service: Service) -> None:
    assert found(service, search="cat")[0] == CAT
    assert DOG in found(service, search="do", limit=50)
    assert found(service, search="dog", lang="de")[0] == DOG, "by the fallback chain"
    assert len(found(service, search="c", limit=3)) == 3
    assert found(service, search='zzzz" OR cat*') == [] == found(service, search='"')
