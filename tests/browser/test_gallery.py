"""The gallery as a person sees it: narrow and wide, light and dark, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from depicts_model.settings import Settings
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of

from .axe import axe_findings
from .our_pages import NASTY, fill, opened, pictures, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("gallery")
    with served(pictures()) as wiki:
        url = f"sqlite:///{folder}/web.sqlite"
        app = create_app(Settings(wiki_api=f"{wiki}/w/api.php", database_url=url))
        fill(parts_of(app).store, wiki)
        with served(app) as address:
            yield f"{address}/gallery"
        parts_of(app).close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_read_it(browser: Browser, gallery: str, width: int, scheme: str) -> None:
    with opened(browser, f"{gallery}?item=Q146&confidence=50", width, scheme) as page:
        page.locator("summary").first.click()
        assert axe_findings(page) == []
        page.goto(f"{gallery}?item=Q5")
        assert axe_findings(page) == []
        page.goto(f"{gallery}?item=Q1")
        assert axe_findings(page) == []
        page.goto(gallery)
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_problem_is_readable_too(browser: Browser, gallery: str, scheme: str) -> None:
    with browser.new_context(color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        for path, heading in {"?item=x": "makes no sense", "/nowhere": "no such page"}.items():
            page.goto(gallery + path)
            assert heading in page.locator("h1").inner_text()
            assert axe_findings(page) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_runs_over_the_edge(browser: Browser, gallery: str, language: str) -> None:
    with opened(browser, f"{gallery}?lang={language}", 320) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")


def test_pictures_are_shown_and_nothing_jumps(browser: Browser, gallery: str) -> None:
    with opened(browser, gallery) as page:
        first = page.locator(".frame img").first
        first.evaluate("image => image.decode()")
        box = page.locator(".frame").first.bounding_box()
        shown = first.bounding_box()
        assert box and shown and shown == box
        assert first.evaluate("image => image.naturalWidth") == 120


def test_names_full_of_markup_are_text(browser: Browser, gallery: str) -> None:
    with opened(browser, gallery) as page:
        assert page.title() == "Gallery – Suggest depicts"
        assert page.locator("#name-M29").inner_text() == f"{NASTY}.jpg"


def test_the_keyboard_reaches_everything(browser: Browser, gallery: str) -> None:
    with opened(browser, gallery) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent").startswith("All")
        summary = page.locator("summary").first
        summary.focus()
        page.keyboard.press("Enter")
        assert page.locator("details").first.get_attribute("open") is not None
        style = "e => getComputedStyle(e).outlineStyle"
        assert summary.evaluate(style) == "solid"


def test_a_person_narrows_and_comes_back(browser: Browser, gallery: str) -> None:
    with opened(browser, gallery) as page:
        page.select_option("#confidence", "90")
        page.get_by_role("button", name="Show").click()
        assert "confidence=90" in page.url
        assert page.locator(".card").count() == page.locator(".card-suggested").count() == 12
        page.get_by_role("link", name="at least 90% sure").click()
        page.get_by_role("link", name="Failed").click()
        assert page.locator(".card").count() == page.locator(".card-failed").count() == 6
        page.get_by_role("link", name="All 30").click()
        page.get_by_role("link", name="Older").click()
        assert page.locator(".card").count() == 6
        page.get_by_role("link", name="Newer").click()
        assert page.locator(".card").count() == 24


def test_small_words_to_press_look_so_and_are_high_enough(browser: Browser, gallery: str) -> None:
    with opened(browser, gallery, 360) as page:
        for words in page.locator(".card :is(.quiet, summary)").all():
            box = words.bounding_box()
            assert box and box["height"] >= 24, words.inner_text()
            assert "underline" in words.evaluate("e => getComputedStyle(e).textDecorationLine")
