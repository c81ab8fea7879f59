"""What a reader asks of the gallery: less, the next page, or what makes no sense."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from depicts_model.settings import Settings
from depicts_model.types import RefusalState, Suggested
from depicts_toolforge.app import create_app
from depicts_toolforge.pages import PAGE_SIZE
from depicts_toolforge.parts import parts_of
from tests.model.store.values import file_ref
from tests.toolforge.conftest import CAT, DOG, Service
from tests.toolforge.gallery import Page, get, save, suggestion, words_of


def test_filters_narrow_and_tell_how_many(service: Service) -> None:
    save(service, (file_ref(7), Suggested((suggestion(7, DOG, 0.95), suggestion(7, CAT, 0.6)))))
    assert set(get(service, "outcome=suggested").cards) == {"M1", "M7"}
    assert set(get(service, f"item={CAT}").cards) == {"M1", "M7"}
    assert set(get(service, f"item={DOG}").cards) == {"M7"}
    assert set(get(service, "confidence=80").cards) == {"M1", "M7"}
    assert set(get(service, f"confidence=80&item={CAT}").cards) == {"M1"}
    assert set(get(service, "confidence=&item=&outcome=").cards) == {"M1", "M2", "M3", "M4", "M7"}
    text = words_of(service.client.get("/gallery").text)
    assert "All 5 Suggested 2 Nothing 1 Skipped 1 Failed 1" in text
    assert "1 file " in words_of(service.client.get(f"/gallery?item={DOG}").text)


def test_links_keep_the_language_and_the_filters(service: Service) -> None:
    for number in range(10, 10 + PAGE_SIZE):
        service.suggest(number, CAT)
    page = get(service, f"item={CAT}&confidence=50&lang=ar")
    (older,) = page.links("before=")
    for part in ("lang=ar", f"item={CAT}", "confidence=50", "outcome=suggested"):
        assert part in older
    assert all("lang=ar" in link for link in page.links("/gallery"))
    assert ("html", {"lang": "en", "dir": "rtl"}) in page.tags


def test_pages_keep_their_place_while_files_come_in(service: Service) -> None:
    for number in range(10, 10 + 2 * PAGE_SIZE):
        service.suggest(number, CAT)
    first = get(service)
    assert len(first.cards) == PAGE_SIZE and not first.links("after=")
    (older,) = first.links("before=")
    second = Page(service.client.get(older))
    service.suggest(100, DOG)
    again = Page(service.client.get(older))
    assert list(again.cards) == list(second.cards)
    assert not set(again.cards) & set(first.cards)
    (newer,) = again.links("after=")
    assert list(Page(service.client.get(newer)).cards) == list(first.cards)


def test_a_full_page_asks_no_more_questions_than_a_short_one(service: Service) -> None:
    def asked() -> int:
        statements: list[str] = []
        with listening(service, statements):
            get(service)
        return len(statements)

    asked()  # counts and switches are looked up once a while
    short = asked()
    for number in range(10, 10 + PAGE_SIZE):
        service.suggest(number, CAT)
    assert asked() == short


@contextmanager
def listening(service: Service, statements: list[str]) -> Iterator[None]:
    """Every statement that the store sends meanwhile."""

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = service.store._engine
    sa.event.listen(engine, "before_cursor_execute", hear)
    yield
    sa.event.remove(engine, "before_cursor_execute", hear)


def test_what_two_people_refused_is_on_no_card(service: Service) -> None:
    service.suggest(7, CAT, DOG)  # of the same content as M1
    service.store.settle("a" * 40, CAT, RefusalState.SHARED, datetime.now(UTC))
    cards = get(service).cards
    assert "Nothing to suggest" in cards["M1"] and "Several people said" in cards["M1"]
    assert "Why dog" in cards["M7"] and "Why cat" not in cards["M7"]


def test_an_empty_gallery_says_what_to_do(service: Service) -> None:
    assert "No file fits" in service.client.get(f"/gallery?item={DOG}").text
    assert "nothing older" in service.client.get("/gallery?before=0").text


@pytest.mark.slow
def test_a_gallery_without_files_says_who_brings_them(settings: Settings) -> None:
    app = create_app(settings)
    text = app.test_client().get("/gallery").text
    parts_of(app).close()
    assert "Nobody looked at a file yet" in text and "come back later" in text
    assert "depicts-bot" not in text, "readers type no commands"
    assert 'href="/operator">operator’s page' in text


BAD = {
    "unknown key": ("outcom=failed", "unknown key 'outcom'; the nearest one is 'outcome'"),
    "unknown outcome": ("outcome=maybe", "outcome: must be one of suggested, nothing"),
    "confidence": ("confidence=0.8", "confidence: must be a whole number from 0 to 100, not '0.8'"),
    "too sure": ("confidence=101", "confidence: must be a whole number from 0 to 100"),
    "other digits": ("confidence=%D9%A1", "confidence: must be a whole number"),
    "item": ("item=cat", "item: not an item id: 'cat'"),
    "markup": ("item=%3Cscript%3E", "item: not an item id: '<script>'"),
    "place": ("before=-1", "before: must be a whole number, not '-1'"),
    "place, huge": (f"after={'9' * 5000}", "after: must be a whole number"),
    "two places": ("before=1&after=2", "before and after"),
    "twice": ("outcome=failed&outcome=nothing", "outcome is given 2 times"),
    "language": ("lang=Deutsch!", "lang: not a language code: 'Deutsch!'"),
    "sure of nothing": (
        "outcome=nothing&confidence=80",
        "confidence: files with outcome",
    ),
    "item of failures": (f"outcome=failed&item={CAT}", "item: files with outcome 'failed' have no"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_question_that_makes_no_sense_is_a_page_that_says_so(service: Service, case: str) -> None:
    query, words = BAD[case]
    answer = service.client.get(f"/gallery?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert words in words_of(answer.text)
    assert "<script" not in answer.text and "Traceback" not in answer.text
    assert len(answer.text) < 5000


def test_a_person_gets_a_page_and_a_program_gets_json(service: Service) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = service.client.get("/galery", headers=browser)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "There is no such page" in page.text
    assert service.client.post("/gallery", headers=browser).status_code == 405
    for path in ("/api/v1/nothing", "/api/v1/files/x/suggestions"):
        told = service.client.get(path, headers=browser)
        assert told.mimetype == "application/problem+json"
    assert service.client.get("/galery").mimetype == "application/problem+json"
