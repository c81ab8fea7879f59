"""Landing, file, statistics and operator's page as a person sees them: sizes, colours, keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from depicts_model.catalog import Catalog
from depicts_model.settings import Settings
from depicts_model.statistics import BINS, Statistics, Tally
from depicts_model.store import Store
from depicts_model.switch import NOTE as SWITCH
from depicts_model.switch import Switch
from depicts_model.types import (
    Claim,
    Decision,
    Latency,
    Mid,
    Pause,
    Qid,
    RefusalState,
    Suggested,
    Suggestion,
    Verdict,
)
from depicts_toolforge import plots, reports
from depicts_toolforge.api import STATISTICS
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from depicts_toolforge.switches import WORKER
from tests.model.store.values import V, file_ref

from .axe import axe_findings
from .test_gallery import NASTY, fill, opened, pictures, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

CAT, DOG = Qid("Q146"), Qid("Q144")
CLOTHING, VEHICLE = Qid("Q11460"), Qid("Q42889")
"""Classes to pause: no file here shows one."""
NAMES = ("landing", "file", "silent file", "statistics", "operator")
PATHS = dict(zip(NAMES, ("/", "/files/M40", "/files/M5", "/statistics", "/operator"), strict=True))
NOW = datetime.now(UTC)


def tell(store: Store, wiki: str) -> None:
    """A file with verdicts, and everything that the other pages tell of."""
    reasons = ("looks like cat (92%)", NASTY)
    cat = Suggestion(Mid("M40"), CAT, 0.92, reasons, (Qid("Q7377"),), (Qid("Q25265"),), V)
    file = replace(file_ref(40), title=f"File:{NASTY}.jpg", thumb_url=f"{wiki}/t.png")
    run = store.start_run("bot", V, {})
    dog = replace(cat, qid=DOG, confidence=0.6)
    store.save_batch(run, V, [(file, Suggested((cat, dog)))])
    store.finish_run(run, {"listed": 31, "suggested": 13, "nothing:not-sure": 6})
    made = Decision(Mid("M40"), "a" * 40, CAT, Verdict.ACCEPTED, NOW)
    store.add_decisions("one", [made], V)
    store.add_claims([Claim(Mid("M40"), CAT, "M40$x", 1234, NOW, V)])
    count(store)
    pause(store)


def count(store: Store) -> None:
    """What the harvest and the service count."""
    tally = Tally(shown=40, accepted=24, rejected=4, too_general=2, skipped=10, confirmed=20)
    bins = (*(Tally(),) * (BINS - 4), *(tally,) * 4)
    items = ((CAT, tally), (DOG, tally))
    value = Statistics(NOW, {"claims": 20}, {}, bins, Tally(), items)
    store.note(STATISTICS, value.to_json(), NOW)
    store.count_latencies([Latency(NOW, "/api/v1/files/<mid>/suggestions", 3, 1234)])


def pause(store: Store) -> None:
    """What the operator is to know."""
    store.note(SWITCH, Switch(True, NASTY, {CLOTHING: NASTY}).note(), NOW - timedelta(hours=1))
    store.note(WORKER, {}, NOW - timedelta(hours=1))
    store.set_pause(Pause(VEHICLE, "reverted too often", 24, 5, NOW))
    store.settle("a" * 40, CAT, RefusalState.WAITING, NOW)


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
        "/statistics": ".classes th bdi",
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


def test_a_wide_table_scrolls_by_itself(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/operator", 360) as page:
        region = page.get_by_role("region", name="Last runs")
        region.focus()
        before = region.evaluate("e => [e.scrollWidth > e.clientWidth, e.scrollLeft]")
        assert before == [True, 0]
        page.keyboard.press("ArrowRight")
        page.wait_for_function("e => e.scrollLeft > 0", arg=region.element_handle())


def test_from_a_card_to_its_file_and_on_to_the_wiki(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/gallery") as page:
        page.get_by_role("link", name="Details").first.click()
        page.wait_for_url("**/files/M40")
        assert "curid=40" in (page.get_by_role("link", name="Open").get_attribute("href") or "")
