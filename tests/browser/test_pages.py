"""Landing, file, statistics and operator's page as a person sees them: sizes, colours, keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from depicts_model.catalog import Catalog
from depicts_model.settings import Settings
from depicts_model.types import Qid
from depicts_toolforge import plots, reports
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from tests.toolforge.conftest import CAT

from .axe import axe_findings
from .our_pages import NASTY, fill, opened, pictures, served, tell

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

NAMES = ("landing", "file", "silent file", "statistics", "operator")
PATHS = dict(zip(NAMES, ("/", "/files/M40", "/files/M5", "/statistics", "/operator"), strict=True))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("pages")
    with served(pictures()) as wiki:
        url = f"sqlite:///{folder}/web.sqlite"
        app = create_app(Settings(wiki_api=f"{wiki}/w/api.php", database_url=url))
        fill(parts_of(app).store, wiki)
        tell(parts_of(app).store, wiki)
        with served(app) as address:
            yield address
        parts_of(app).close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", NAMES)
def test_everybody_can_read_it(
    browser: Browser, site: str, name: str, width: int, scheme: str
) -> None:
    with opened(browser, site + PATHS[name], width, scheme) as page:
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_over_the_edge(browser: Browser, site: str, name: str, language: str) -> None:
    with opened(browser, f"{site}{PATHS[name]}?lang={language}", 320) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")


def test_plots_are_drawn_in_the_readers_colours(browser: Browser, site: str) -> None:
    painted = """async (image) => {
        await image.decode();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const blue = [...data.keys()].filter((n) => n % 4 === 0 && data[n + 3] === 255
            && data[n + 2] > data[n] + 40);
        return [image.naturalWidth, blue.length > 50, data[blue[0]]];
    }"""
    seen = {}
    for scheme in ("light", "dark"):
        with opened(browser, f"{site}/statistics", scheme=scheme) as page:
            images = page.locator(".plot img")
            assert images.count() == len(reports.PLOTS)
            for image in images.all():
                image.scroll_into_view_if_needed()
                width, drawn, red = image.evaluate(painted)
                assert (width, drawn) == (plots.WIDTH, True)
                seen[scheme] = red
    assert seen["light"] < seen["dark"]


def test_a_plot_opened_by_itself_keeps_its_colours(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/plots/reliability.svg") as page:
        style = "e => getComputedStyle(e).strokeWidth"
        assert page.locator("polyline").first.evaluate(style) == "2px"


def test_words_full_of_markup_are_text(
    browser: Browser, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = Catalog.label

    def nasty(catalog: Catalog, qid: Qid, language: str = "en") -> str | None:
        return NASTY if qid == CAT else label(catalog, qid, language)

    monkeypatch.setattr(Catalog, "label", nasty)
    with opened(browser, f"{site}/files/M40") as page:
        assert page.locator("h1").inner_text() == f"{NASTY}.jpg"
        assert page.locator(".suggestion").count() == 2
        assert page.locator(".reasons bdi").nth(1).inner_text() == NASTY
        assert page.title() == f"\u2068{NASTY}.jpg\u2069 – Suggest depicts"
    for path, place in {
        "/statistics": "section[aria-labelledby=items] tbody th bdi",
        "/operator": ".warning p",
        "/operator?lang=ar": "section[aria-labelledby=refusals] tbody th bdi",
    }.items():
        with opened(browser, site + path) as page:
            assert NASTY in page.locator(place).first.inner_text()
            assert "broken" not in page.title()


def test_the_keyboard_goes_from_page_to_page(browser: Browser, site: str) -> None:
    with opened(browser, site) as page:
        for words in ("Skip to the content", "Suggest depicts", "Gallery", "Statistics"):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.textContent").strip() == words
        page.keyboard.press("Enter")
        page.wait_for_url("**/statistics")
        region = page.get_by_role("region", name="Verdicts by confidence").first
        region.focus()
        assert region.evaluate("e => getComputedStyle(e).outlineStyle") != "none"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", ["statistics", "operator"])
def test_on_a_narrow_page_each_row_is_a_card_and_nothing_is_cut_off(
    browser: Browser, site: str, name: str, language: str
) -> None:
    with opened(browser, f"{site}{PATHS[name]}?lang={language}", 360) as page:
        tables = page.locator(".scroll")
        assert tables.count() > 2
        for table in tables.all():
            assert table.evaluate("e => e.scrollWidth - e.clientWidth") == 0
        for cell in page.locator("tbody td:not(.barred)").all():
            box, head = cell.bounding_box(), cell.evaluate(_SHOWN_HEAD)
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
            assert head == cell.evaluate(_COLUMN), "what stands beside it is its column's head"


_SHOWN_HEAD = "e => getComputedStyle(e, '::before').content.slice(1, -1)"
_COLUMN = "e => e.closest('table').tHead.rows[0].cells[e.cellIndex].textContent"


def test_on_a_wide_page_a_table_has_its_heads_above(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/operator") as page:
        assert page.get_by_role("columnheader", name="Kind").is_visible()
        cell = page.locator("td[data-head=Kind]").first
        assert cell.evaluate("e => getComputedStyle(e, '::before').content") == "none"


def test_commands_to_type_are_seen_whole_on_a_wide_page(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/operator") as page:
        for name in ("Paused classes", "Refusals that wait"):
            table = page.locator(f".scroll[aria-label='{name}']")
            assert table.evaluate("e => e.scrollWidth - e.clientWidth") == 0, name


def test_from_a_card_to_its_file_and_on_to_the_wiki(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/gallery") as page:
        page.get_by_role("link", name="Details").first.click()
        page.wait_for_url("**/files/M40")
        assert "curid=40" in (page.get_by_role("link", name="Open").get_attribute("href") or "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_chooses_the_language_of_labels(browser: Browser, site: str, scheme: str) -> None:
    with opened(browser, f"{site}/statistics?lang=ar", 360, scheme) as page:
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_label("Labels in").select_option("English")
        page.get_by_role("button", name="Change").click()
        page.wait_for_url("**/statistics?lang=en")
        assert page.locator("html").get_attribute("dir") == "ltr"
