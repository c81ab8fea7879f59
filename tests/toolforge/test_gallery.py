"""The gallery over a real store and the starter catalog: what it shows, and what it must not."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from depicts_model import shares
from depicts_model.catalog import Catalog
from depicts_model.linker.reasons import DEMO
from depicts_model.types import (
    Failed,
    Mid,
    NothingReason,
    NothingToSuggest,
    Qid,
    SkipReason,
    Suggested,
)
from depicts_toolforge import filters, wording
from depicts_toolforge.wikis import file_page, image_origins, thumbnail
from tests.model.store.values import file_ref
from tests.toolforge.conftest import CAT, FELIDAE, UNKNOWN, Service
from tests.toolforge.gallery import COMMONS, NASTY, OWN, Page, get, save, suggestion, words_of

# --- what a card says ---


def test_a_suggestion_says_what_kind_how_sure_and_why(service: Service) -> None:
    page = get(service)
    said = page.cards["M1"]
    intro = words_of(service.client.get("/gallery").text)
    assert "A file’s name leads to its page on the wiki, where you approve" in intro
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
    assert (shares.percent(share), wording.confidence(share)) == (percent, words)


@pytest.mark.parametrize("shown", range(1, 101))
def test_what_is_shown_as_so_many_percent_passes_its_filter(shown: int) -> None:
    least = filters.read({"confidence": [str(shown)]}, "en").stored.confidence
    for share in (shown / 100, (shown - 1e-10) / 100, min(1.0, (shown + 0.99) / 100)):
        assert shares.percent(share) == f"{shown}%"
        assert share >= least
    below = (shown - 0.001) / 100
    assert shares.percent(below) == f"{shown - 1}%" and below < least


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
    labels = Catalog.labels

    def also_german(catalog: Catalog, qid: Qid) -> dict[str, str]:
        return labels(catalog, qid) | ({"de": "Katze"} if qid == CAT else {})

    monkeypatch.setattr(Catalog, "labels", also_german)
    (shown,) = service.get(1, "lang=de-at")["suggestions"]
    assert (shown["label"], shown["label_language"]) == ("Katze", "de")
    assert (shown["kind"]["label"], shown["kind"]["label_language"]) == ("Felis", "en")
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
