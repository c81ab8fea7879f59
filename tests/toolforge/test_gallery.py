"""The gallery over a real store and the starter catalog: what it shows, and what it must not."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from werkzeug.test import TestResponse

from depicts_model.catalog import Catalog
from depicts_model.linker.reasons import DEMO
from depicts_model.settings import Settings
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    SkipReason,
    Suggested,
    Suggestion,
)
from depicts_toolforge import filters, wording
from depicts_toolforge.app import create_app
from depicts_toolforge.pages import PAGE_SIZE
from depicts_toolforge.parts import parts_of
from depicts_toolforge.wikis import file_page, image_origins, thumbnail
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, FELIDAE, UNKNOWN, Service

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


# --- what a card says ---


def test_a_suggestion_says_what_kind_how_sure_and_why(service: Service) -> None:
    page = get(service)
    said = page.cards["M1"]
    assert "Open a file to approve" in words_of(service.client.get("/gallery").text)
    assert page.links(f"wiki/{FELIDAE}")
    assert "Cat 1.jpg cat 80% kind of Felis likely" in said
    for words in ("likely", "Why cat? pixels", "More general: Felidae", "tiny-1"):
        assert words.lower() in said.lower()
    assert page.links("curid=1") == [f"{OWN}/w/index.php?curid=1"]
    assert page.links(f"wikidata.org/wiki/{CAT}") and page.links(f"item={CAT}")
    assert ("rect", {"class": "bar-share", "width": "80.0", "height": "4"}) in page.tags


def test_silence_says_why(service: Service) -> None:
    cards = get(service).cards
    assert "Nothing to suggest What is sure is too general to help." in cards["M2"]
    assert "Skipped It is an artwork" in cards["M3"]


def test_a_failure_is_not_silence(service: Service) -> None:
    save(service, (file_ref(5), Failed("cannot be decoded", None)))
    cards = get(service).cards
    for mid, words in {
        "M4": ("Could not be looked at", "asked for fewer requests", "tries again", "slow down"),
        "M5": ("Could not be looked at", "could not be read", "not tried again", "decoded"),
    }.items():
        assert all(one in cards[mid] for one in words), cards[mid]
        assert "othing" not in cards[mid]
    assert set(get(service, "outcome=nothing").cards) == {"M2"}
    assert set(get(service, "outcome=failed").cards) == {"M4", "M5"}


def test_every_code_has_words() -> None:
    assert set(wording.NOTHING) == {*NothingReason, "no-label", "refused", "paused"}
    assert set(wording.SKIPPED) == set(SkipReason)


@pytest.mark.parametrize(
    ("share", "percent", "words"),
    [
        (1.0, "100%", "almost certain"),
        (0.9999, "99%", "almost certain"),
        (0.9499, "94%", "very likely"),
        (0.85, "85%", "very likely"),
        (0.699, "69%", "more likely than not"),
        (0.29, "29%", "a guess"),  # 100 times 0.29 is a little less than 29
        (0.5, "50%", "more likely than not"),
        (0.004, "0%", "a guess"),
    ],
)
def test_confidence_in_words_and_numbers(share: float, percent: str, words: str) -> None:
    assert (wording.percent(share), wording.confidence(share)) == (percent, words)


@pytest.mark.parametrize("shown", range(1, 101))
def test_what_is_shown_as_so_many_percent_passes_its_filter(shown: int) -> None:
    least = filters.read({"confidence": [str(shown)]}, "en").stored.confidence
    for share in (shown / 100, (shown - 1e-10) / 100, min(1.0, (shown + 0.99) / 100)):
        assert wording.percent(share) == f"{shown}%"
        assert share >= least
    below = (shown - 0.001) / 100
    assert wording.percent(below) == f"{shown - 1}%" and below < least


def test_a_retry_beyond_the_calendar_is_none_of_ours() -> None:
    assert "not tried" in wording.retry(Failed("x", 1e300), datetime(2026, 11, 1, tzinfo=UTC))


def test_the_small_model_says_so(service: Service) -> None:
    assert "demo model is small" not in service.client.get("/gallery").text
    older = "tiny-of-years-ago"
    made = replace(suggestion(6, CAT, 0.9, "looks like cat", DEMO), model_version=older)
    run = service.store.start_run("bot", older, {})
    silent = (file_ref(7), NothingToSuggest(NothingReason.NOT_SURE))
    service.store.save_batch(run, older, [(file_ref(6), Suggested((made,))), silent])
    answer = service.client.get("/gallery")
    assert "demo model is small" in answer.text
    assert f"demo model {older}" in Page(answer).cards["M6"]
    assert f"demo model {older}" in Page(answer).cards["M7"], "its silence is the small model's too"
    assert "demo" not in Page(answer).cards["M1"]


def test_a_label_is_read_in_its_language(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    english = Catalog.label

    def label(catalog: Catalog, qid: Qid, language: str = "en") -> str | None:
        return "Katze" if (qid, language) == (CAT, "de") else english(catalog, qid, language)

    monkeypatch.setattr(Catalog, "label", label)
    text = service.client.get(f"/gallery?lang=de&item={CAT}").text
    assert text.count('<bdi lang="de">Katze</bdi>') == 4  # chip, why, more, and what is asked for
    assert text.count("Katze") == 4
    assert '<bdi lang="en">Felis</bdi>' in text, "it has no German label"
    assert '<bdi lang="en">cat</bdi>' in service.client.get("/gallery").text


# --- what it must not show ---


def test_nothing_on_the_never_suggest_list_is_shown_whatever_was_stored(service: Service) -> None:
    listed = sorted(service.catalog.never_suggest)
    forbidden = next(q for q in listed if service.catalog.label(q))
    service.suggest(7, forbidden)
    service.suggest(8, CAT, general=(forbidden,))
    page = get(service)
    assert "Nothing to suggest What was found is never suggested." in page.cards["M7"]
    assert not page.links(forbidden)
    narrowed = service.client.get(f"/gallery?item={forbidden}")
    assert not Page(narrowed).cards and "never suggested" in narrowed.text
    assert f">{service.catalog.label(forbidden)}<" not in narrowed.text


def test_an_item_without_a_label_is_not_shown(service: Service) -> None:
    service.suggest(7, UNKNOWN)
    assert "no label in this language" in get(service).cards["M7"]
    assert not get(service).links(UNKNOWN)


def test_markup_and_controls_in_titles_reasons_and_errors_are_text(service: Service) -> None:
    nasty = replace(file_ref(7), title=f"File:{NASTY}", thumb_url=f"{OWN}/t.jpg")
    named = [nasty, replace(nasty, mid=Mid("M8"))]
    made = Suggested((suggestion(7, CAT, 0.9, NASTY),))
    save(service, (named[0], made), (named[1], Failed(NASTY)))
    answer = service.client.get("/gallery")
    assert "<script" not in answer.text
    page = Page(answer)
    assert ("img", NASTY) in [(tag, a.get("alt")) for tag, a in page.tags]
    # a direction that a name turns ends with its name
    assert answer.text.count(f"<bdi>{html.escape(NASTY).replace('&quot;', '&#34;')}</bdi>") == 3
    assert page.cards["M7"].count("<script>") == 2
    assert "<script>" in page.cards["M8"]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:image/svg+xml,<svg/>",
        "//127.0.0.1:1/t.jpg",
        "http://127.0.0.1:2/t.jpg",
        "https://evil.test/t.jpg",
        "http://127.0.0.1:1@evil.test/t.jpg",
        "http://[",
        "",
    ],
)
def test_a_picture_from_elsewhere_is_not_shown(service: Service, url: str) -> None:
    save(service, (replace(file_ref(7), thumb_url=url), NothingToSuggest(NothingReason.NOT_SURE)))
    page = get(service, "outcome=nothing")
    assert "No picture" in page.cards["M7"]
    shown = [a["src"] for tag, a in page.tags if tag == "img"]
    assert all((src or "").startswith("/static/") for src in shown)


def test_a_picture_of_the_wiki_is_shown_late_and_in_its_box(service: Service) -> None:
    url = f"{OWN}/images/thumb/a.jpg"
    save(service, (replace(file_ref(7), thumb_url=url), NothingToSuggest(NothingReason.NOT_SURE)))
    (shown,) = [a for tag, a in get(service).tags if tag == "img" and a["src"] == url]
    assert (shown["loading"], shown["alt"]) == ("lazy", "Cat 7.jpg")
    assert shown["width"] and shown["height"]


# --- where the wiki is ---


def test_wikimedias_pictures_lie_on_a_host_of_their_own() -> None:
    upload = "https://upload.wikimedia.org"
    assert image_origins(COMMONS) == ("https://commons.wikimedia.org", upload)
    assert image_origins("https://commons.wikimedia.beta.wmflabs.org/w/api.php")[1] == (
        "https://upload.wikimedia.beta.wmflabs.org"
    )
    for api in ("https://wiki.evil.test/wikimedia.org/api.php", "http://[::1]:8/w/api.php"):
        assert len(image_origins(api)) == 1
    assert thumbnail(f"{upload}/x.jpg", image_origins(COMMONS)) == f"{upload}/x.jpg"
    assert file_page(COMMONS, Mid("M42")) == "https://commons.wikimedia.org/w/index.php?curid=42"


# --- asking for less ---


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


def test_an_empty_gallery_says_what_to_do(service: Service) -> None:
    assert "No file fits" in service.client.get(f"/gallery?item={DOG}").text
    assert "nothing older" in service.client.get("/gallery?before=0").text


def test_a_gallery_without_files_says_who_brings_them(settings: Settings) -> None:
    app = create_app(settings)
    text = app.test_client().get("/gallery").text
    parts_of(app).close()
    assert "Nobody looked at a file yet" in text and "depicts-bot run" in text


# --- what makes no sense ---

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


# --- headers and files ---


def test_a_page_is_fenced(service: Service) -> None:
    for path in ("/gallery", "/gallery?item=x", "/static/none.css"):
        headers = service.client.get(path).headers
        assert headers["Content-Security-Policy"] == (
            f"default-src 'none'; img-src 'self' {OWN}; style-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in headers
    api = service.client.get("/api/v1/files/M1/suggestions").headers
    assert api["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_no_script_and_no_style_in_the_page(service: Service) -> None:
    page = get(service)
    assert not [tag for tag, a in page.tags if tag in ("script", "style") or "style" in a]
    assert not [name for _, a in page.tags for name in a if name.startswith("on")]


def test_a_card_leads_to_the_page_about_its_file(service: Service) -> None:
    assert get(service, "lang=de").links("/files/M1") == ["/files/M1?lang=de"]


def test_files_of_a_page_are_kept_under_the_mark_of_their_content(service: Service) -> None:
    page = get(service)
    (address,) = {a["href"] for tag, a in page.tags if a.get("rel") == "stylesheet"}
    assert address is not None
    answer = service.client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    other = service.client.get("/static/pages.css?v=older")
    assert other.headers["Cache-Control"] == "no-cache"
    for path in ("/static/../app.py", "/static/..%2fapp.py", "/static/app.py"):
        assert service.client.get(path).status_code == 404
