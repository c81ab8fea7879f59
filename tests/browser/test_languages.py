"""The dialog in each of its languages, on a page 320 px wide of a real MediaWiki."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.gadget.translations import direction, languages, texts
from tests.mediawiki import scene
from tests.mediawiki.installed import EDITOR
from tests.mediawiki.packages import MissingError
from tests.mediawiki.scene import CAT, CUP, TABBY, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]
PATIENCE_MS = 30_000
# what is wider than its place: cut off, or over its edge; inline elements have no such measure
WIDER = """( dialog ) => [ ...dialog.querySelectorAll( '*' ) ].filter(
    ( one ) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth
).map( ( one ) => one.className + ': ' + one.innerText )"""
SAID = """( dialog ) => [ ...dialog.querySelectorAll( '*' ) ].flatMap( ( one ) => [
    one.getAttribute( 'aria-label' ), one.getAttribute( 'placeholder' ),
    one.children.length ? '' : one.textContent
] ).filter( ( text ) => text ).map( ( text ) => text.trim() )"""


@pytest.fixture(name="made", scope="module")
def made_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    try:
        with scene.scene(tmp_path_factory.mktemp("scene"), (CAT,)) as running:
            running.agree(EDITOR)
            yield running
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture(name="page")
def made_page(browser: Browser, made: Scene) -> Iterator[Page]:
    """Narrow; complaints of the page fail the test."""
    complaints: list[str] = []
    with browser.new_context(viewport={"width": 320, "height": 900}) as context:
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(made.cookies(EDITOR))
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    assert complaints == []


def english(language: str) -> set[str]:
    """Whole texts that a reader of another language must not meet."""
    own = texts("", language)
    return {text for key, text in texts("", "en").items() if text != own[key]}


def holds(dialog: Locator, language: str) -> None:
    """Nothing is cut off, nothing stands out, and nothing is in English."""
    assert dialog.evaluate(WIDER) == []
    assert english(language).isdisjoint(dialog.evaluate(SAID))


def opened(made: Scene, page: Page, language: str) -> Locator:
    page.goto(f"{made.address(made.file())}?uselang={language}")
    button = page.locator("#suggest-depicts")
    assert button.inner_text() == texts("button", language)["suggest-depicts-button"]
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    return dialog


def edge(found: Locator, direction: str) -> float:
    """Where it begins for who reads in this direction."""
    box = found.bounding_box()
    assert box
    return box["x"] + (box["width"] if direction == "rtl" else 0)


@pytest.mark.parametrize("language", languages(""))
def test_every_language_fits_a_narrow_page(made: Scene, page: Page, language: str) -> None:
    dialog = opened(made, page, language)
    runs = direction(texts("", language))
    way = dialog.evaluate("( it ) => [ it.lang, getComputedStyle( it ).direction ]")
    assert way == [language, runs]
    chips = dialog.locator(".suggestdepicts-chip")
    # the meter fills from where a line begins
    meter = chips.nth(2).locator(".suggestdepicts-meter")
    assert edge(meter.locator("span"), runs) == edge(meter, runs)
    holds(dialog, language)
    for item in (TABBY, CUP):
        dialog.locator(f"[data-item={item}] button").click()
    chips.nth(0).locator(".suggestdepicts-chip__judge button").click()
    chips.nth(1).locator(".suggestdepicts-chip__judge button").nth(1).click()
    dialog.locator(".suggestdepicts-refine li").first.wait_for()
    holds(dialog, language)
    dialog.locator(".cdx-dialog__footer__primary-action").click()
    undo = dialog.locator(".suggestdepicts-results button")
    undo.first.wait_for()
    assert undo.count() == 2
    # what is told has room beside the button, or above it
    told = dialog.locator(".suggestdepicts-results .cdx-message").first.bounding_box()
    assert told and told["width"] >= 120
    holds(dialog, language)


@pytest.mark.parametrize("language", languages(""))
def test_nobody_is_asked_for_consent_in_english(
    made: Scene, browser: Browser, language: str
) -> None:
    with browser.new_context(viewport={"width": 320, "height": 900}) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{made.address(CAT)}?uselang={language}")
        page.locator("#suggest-depicts").click()
        dialog = page.get_by_role("dialog")
        dialog.locator(".suggestdepicts-after").wait_for()
        holds(dialog, language)
