"""Bad input to the pages, one row a case: one clear page, no traceback, nothing of it repeated.

The gallery has a table of its own (``test_gallery_questions``), the API another one
(``test_nonsense``).
"""

from __future__ import annotations

import pytest

from tests.toolforge.conftest import Service
from tests.toolforge.gallery import Page
from tests.toolforge.telling import words_of
from tests.toolforge.test_nonsense import is_problem

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = "%3Cscript%3Ealert(1)%3C/script%3E"
NO_PAGE = "There is no such page"

GETS: dict[str, tuple[str, int, str]] = {
    "first page, an unknown key": ("/?user=Alice", 400, "unknown key 'user'; the nearest one is"),
    "first page, language": ("/?lang=Deutsch!", 400, "lang: not a language code: 'Deutsch!'"),
    "misspelt key": ("/statistics?lagn=de", 400, "unknown key 'lagn'; the nearest one is 'lang'"),
    "statistics of a class": ("/statistics?item=Q146", 400, "query: unknown key 'item'"),
    "two languages": ("/statistics?lang=de&lang=fr", 400, "lang is given 2 times"),
    "markup for a language": (f"/statistics?lang={SCRIPT}", 400, "not a language code: '<script>"),
    "markup for a key": (f"/statistics?{SCRIPT}=1", 400, "unknown key '<script>alert(1)"),
    "long language": (f"/statistics?lang={'a' * 7000}", 400, "lang: not a language code: 'aaa"),
    "long query": (f"/statistics?lang={'a' * 9000}", 414, "query: 9005 bytes, more than 8000"),
    "a command": ("/operator?resume=Q146", 400, "query: unknown key 'resume'"),
    "a command, twice": ("/operator?lang=de&lang=de", 400, "lang is given 2 times"),
    "operator's language": ("/operator?lang=%00", 400, r"lang: not a language code: '\x00'"),
    "a page below the operator's": ("/operator/resume", 404, NO_PAGE),
    "file, a title": ("/files/Cat.jpg", 400, "not a MediaInfo id: 'Cat.jpg'"),
    "file, an item": ("/files/Q146", 400, "not a MediaInfo id: 'Q146'"),
    "file, a page id": ("/files/146", 400, "not a MediaInfo id: '146'"),
    "file, zero": ("/files/M0", 400, "not a MediaInfo id: 'M0'"),
    "file, markup": ("/files/M1%3Cb%3E", 400, "not a MediaInfo id: 'M1<b>'"),
    "file, a line break": ("/files/M1%0A", 400, r"not a MediaInfo id: 'M1\n'"),
    "file, broken utf-8": ("/files/M%ff", 400, "not a MediaInfo id"),
    "file, huge": (f"/files/M{'9' * 500}", 400, "not a MediaInfo id: 'M999"),
    "file, a path too long": (f"/files/{'M1' * 4000}", 400, "not a MediaInfo id: 'M1M1"),
    "file, an unknown key": ("/files/M1?have=Q146", 400, "query: unknown key 'have'"),
    "file, nobody looked": ("/files/M5", 404, "Nobody has looked at M5 yet"),
    "no page": ("/statistic", 404, NO_PAGE),
    "no page, too long": (f"/{'gallery/' * 1000}", 404, NO_PAGE),
    "no page, out of the folder": ("/static/..%2F..%2Fapp.py", 404, NO_PAGE),
    "no plot": ("/plots/acceptanse.svg", 404, NO_PAGE),
    "plot, a command": ("/plots/reliability.svg?width=9", 400, "query: unknown key 'width'"),
}
METHODS = {
    "posting to the operator's page": ("POST", "/operator"),
    "deleting statistics": ("DELETE", "/statistics"),
    "deciding on a file's page": ("POST", "/files/M1"),
}


def is_page(text: str, words: str) -> None:
    """One message, as text, and not at length."""
    assert words in words_of(text)
    assert "<script" not in text and "Traceback" not in text and len(text) < 5000


@pytest.mark.parametrize("case", GETS)
def test_a_question_that_makes_no_sense_is_a_page(service: Service, case: str) -> None:
    path, status, words = GETS[case]
    answer = service.client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    is_page(answer.text, words)
    assert len([tag for tag, _ in Page(answer).tags if tag == "h1"]) == 1
    assert service.store.counts()["requests"] == 0, "a page that is looked at puts nobody to work"


@pytest.mark.parametrize("case", METHODS)
def test_a_page_is_for_reading_only(service: Service, case: str) -> None:
    method, path = METHODS[case]
    answer = service.client.open(path, method=method, headers=BROWSER, json={"resume": "Q146"})
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    is_page(answer.text, "This cannot be done here")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/v1/statistics?lagn=de", 400, "unknown key 'lagn'"),
        (f"/api/v1/files/{'M1' * 4000}/suggestions", 400, "not a MediaInfo id: 'M1M1"),
        (f"/api/{'v1/' * 3000}", 404, "not-found"),
    ],
)
def test_the_api_says_it_in_json_to_a_browser_too(
    service: Service, path: str, status: int, words: str
) -> None:
    is_problem(service.client.get(path, headers=BROWSER), status, words)
