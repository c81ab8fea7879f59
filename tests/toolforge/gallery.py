"""A page as a reader's program sees it, the gallery's above all, and files for it."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from werkzeug.test import TestResponse

from depicts_model.types import FileRef, Mid, Outcome, Qid, Suggestion
from tests.model.store.values import V
from tests.toolforge.conftest import Service

COMMONS = "https://commons.wikimedia.org/w/api.php"
OWN = "http://127.0.0.1:1"
NASTY = '<script>alert("1")</script>&amp;\u202e evil \u2067🐈'


class Page(HTMLParser):
    """The elements of a page, with their attributes, and each card's text by its file."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(answer.text)
        found = re.findall(r'(?s)<article .*?id="name-(M\d+)".*?</article>', answer.text)
        bodies = re.findall(r"(?s)<article .*?</article>", answer.text)
        self.cards = dict(zip(found, map(words_of, bodies), strict=True))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def links(self, words: str) -> list[str]:
        """Addresses that hold these words."""
        found = (attributes.get("href") or "" for tag, attributes in self.tags if tag == "a")
        return [address for address in found if words in address]


def words_of(text: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]*>", "", text).split()))


def get(service: Service, query: str = "") -> Page:
    answer = service.client.get(f"/gallery?{query}")
    assert answer.status_code == 200, answer.text
    return Page(answer)


def save(service: Service, *results: tuple[FileRef, Outcome]) -> None:
    service.store.save_batch(1, V, results)


def suggestion(number: int, qid: Qid, confidence: float, *reasons: str) -> Suggestion:
    return Suggestion(Mid(f"M{number}"), qid, confidence, reasons, (), (), V)
