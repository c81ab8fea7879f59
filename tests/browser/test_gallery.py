"""The gallery as a person sees it: narrow and wide, light and dark, by keyboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask, Response
from PIL import Image
from werkzeug.serving import make_server

from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import (
    Failed,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
)
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from depicts_toolforge.serving import QuietHandler
from tests.model.store.values import V, file_ref

from .axe import axe_findings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

LONG = "A very long name of a picture, as people give them " * 3
NASTY = "<script>document.title = 'broken'</script>\u202e evil 🐈"
ITEMS = ("Q146", "Q144", "Q7377")


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an app on loopback, stopped at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pictures() -> Flask:
    """A wiki of which only the pictures are wanted."""
    data = BytesIO()
    Image.new("RGB", (120, 180), "teal").save(data, "PNG")
    app = Flask("pictures")
    app.add_url_rule("/t.png", "t", lambda: Response(data.getvalue(), mimetype="image/png"))
    return app


def outcome(number: int) -> Outcome:
    """An outcome of each kind in turn."""
    made = tuple(
        Suggestion(Mid(f"M{number}"), Qid(q), 0.92 - 0.2 * n, ("looks like it",), (), (), V)
        for n, q in enumerate(ITEMS[: 1 + number % 3])
    )
    return (
        Suggested(made),
        NothingToSuggest(NothingReason.NOT_SURE),
        Suggested(made),
        Skipped(SkipReason.ARTWORK),
        Failed("http-429: slow down", 60.0),
    )[number % 5]


def fill(store: Store, wiki: str) -> None:
    """Thirty files, two of them with troublesome names."""
    titles = {30: LONG, 29: NASTY}
    run = store.start_run("bot", V, {})
    for number in range(1, 31):
        title = f"File:{titles.get(number, f'Cat {number}')}.jpg"
        file = replace(file_ref(number), title=title, thumb_url=f"{wiki}/t.png")
        store.save_batch(run, V, [(file, outcome(number))])


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


@contextmanager
def opened(
    browser: Browser, address: str, width: int = 1280, scheme: str = "light"
) -> Iterator[Page]:
    """The page, in a context of its own; what the browser complains of fails the test."""
    size = {"width": width, "height": 900}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        yield page
        assert said == []


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
