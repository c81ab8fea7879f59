"""What holds on every page, and on the first one."""

from __future__ import annotations

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
def test_every_page_is_fenced_and_needs_no_script(service: Service, path: str) -> None:
    answer = service.client.get(path)
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    page = Page(answer)
    assert not [tag for tag, a in page.tags if tag in ("script", "style") or "style" in a]
    assert not [name for _, a in page.tags for name in a if name.startswith("on")]


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


def test_the_landing_page_needs_no_database(service: Service, tmp_path: Path) -> None:
    service.store.close()
    (tmp_path / "web.sqlite").write_bytes(b"gone" * 1000)
    assert service.client.get("/gallery").status_code == 503
    assert service.client.get("/").status_code == 200
