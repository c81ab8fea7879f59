"""What holds on every page, and on the first one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.toolforge.conftest import Service
from tests.toolforge.gallery import OWN, Page
from tests.toolforge.telling import text_of

PAGES = ("/", "/gallery", "/files/M1", "/statistics", "/operator")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_to_every_other_in_the_readers_language(
    service: Service, path: str
) -> None:
    page = Page(service.client.get(f"{path}?lang=ar"))
    assert ("html", {"lang": "en", "dir": "rtl"}) in page.tags
    for other in ("/?", "/gallery?", "/statistics?", "/operator?"):
        assert page.links(f"{other}lang=ar"), f"{path} does not lead to {other}"
    here = [a for tag, a in page.tags if tag == "a" and a.get("aria-current") == "page"]
    assert len(here) == (0 if path.startswith("/files") else 1)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_lets_its_reader_choose_the_language_of_labels(
    service: Service, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    assert 'name="lang"' not in service.client.get(path).text, "English alone is no choice"
    monkeypatch.setattr(service.catalog, "languages", ("ar", "de", "en", "mul", "xyz"))
    page = Page(service.client.get(f"{path}?lang=ar"))
    offered = {
        a["value"]: "selected" in a for tag, a in page.tags if tag == "option" and "lang" in a
    }
    assert offered == {"ar": True, "de": False, "en": False, "xyz": False}
    (form,) = [a for tag, a in page.tags if tag == "form" and a["action"] == path][-1:]
    assert form["method"] == "get"
    said = text_of(service, path)
    assert "Deutsch" in said and "xyz" in said and "own words are English" in said
    other = Page(service.client.get(f"{path}?lang=eu"))
    assert ("option", {"value": "eu", "lang": "eu", "selected": None}) in other.tags


def test_who_changes_the_language_keeps_what_was_asked_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.catalog, "languages", ("de", "en"))
    page = Page(service.client.get("/gallery?outcome=suggested&confidence=&lang=de&before=99"))
    kept = [(a["name"], a["value"]) for tag, a in page.tags if tag == "input"]
    assert {("outcome", "suggested"), ("before", "99")} <= set(kept)
    assert ("confidence", "") not in kept and kept.count(("lang", "de")) == 1, "of the other form"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_fenced_and_needs_no_script(service: Service, path: str) -> None:
    answer = service.client.get(path)
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    page = Page(answer)
    assert not [tag for tag, a in page.tags if tag in ("script", "style") or "style" in a]
    assert not [name for _, a in page.tags for name in a if name.startswith("on")]


def allowed(robots: str, path: str) -> bool:
    """As RFC 9309 says it: the longest rule that fits decides, and where none does, all is."""
    rules = re.findall(r"^(Allow|Disallow): (.+)$", robots, re.MULTILINE)
    fits = [(len(rule), word) for word, rule in rules if re.match(_as_regex(rule), path)]
    return max(fits, default=(0, "Allow"))[1] == "Allow"


def _as_regex(rule: str) -> str:
    return re.escape(rule).replace(r"\*", ".*")


def test_crawlers_are_let_into_pages_and_not_into_the_maze(service: Service) -> None:
    answer = service.client.get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.startswith("User-agent: *\n")
    assert all(allowed(answer.text, path) for path in (*PAGES, "/static/pages.css?v=1"))
    page = Page(service.client.get("/gallery"))
    maze = ["/api/v1/openapi.json", "/plots/crawl.svg", "/?lang=de", *page.links("/gallery?")]
    assert len(maze) > 5 and not any(allowed(answer.text, path) for path in maze)


@pytest.mark.parametrize("path", [*PAGES[2:], "/", "/plots/reliability.svg"])
def test_a_misspelt_key_is_a_page_that_says_so(service: Service, path: str) -> None:
    answer = service.client.get(f"{path}?lagn=de")
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "unknown key" in answer.text


def test_the_landing_page_says_how_and_what_is_kept(service: Service) -> None:
    said = text_of(service, "/")
    for words in ("In three steps", "Preferences", "What is stored", "No cookie", "No user name"):
        assert words in said
    preferences = f"{OWN}/w/index.php?title=Special:Preferences#mw-prefsection-gadgets"
    assert Page(service.client.get("/")).links("Special:Preferences") == [preferences] * 2


@pytest.mark.parametrize("text", ["/", "toolinfo.json"])
def test_nobody_is_promised_more_items_than_come(service: Service, text: str) -> None:
    record = Path(__file__).parents[2] / "toolforge" / text
    said = text_of(service, text) if text == "/" else record.read_text(encoding="utf-8")
    assert "up to five" in said and "three to five" not in said and "nothing" in said


def test_the_landing_page_needs_no_database(service: Service, tmp_path: Path) -> None:
    service.store.close()
    (tmp_path / "web.sqlite").write_bytes(b"gone" * 1000)
    for path in ("/gallery", "/operator"):
        answer = service.client.get(path)
        assert answer.status_code == 503 and "This page is not available" in answer.text
        assert '<a href="/">To the start page</a>' in answer.text, "it needs no database"
    assert service.client.get("/").status_code == 200
