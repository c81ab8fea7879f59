"""The dialog in each of its languages, on a page 320 px wide of a real MediaWiki."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.gadget.translations import direction, languages, texts
from tests.mediawiki.scene import CUP, TABBY, Scene

from .gadget_page import NARROW, approve, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]
# what is wider than its place: cut off, or over its edge; inline elements have no such measure
WIDER = """( dialog ) => [ ...dialog.querySelectorAll( '*' ) ].filter(
    ( one ) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth
).map( ( one ) => one.className + ': ' + one.innerText )"""
SAID = """( dialog ) => [ ...dialog.querySelectorAll( '*' ) ].flatMap( ( one ) => [
    one.getAttribute( 'aria-label' ), one.getAttribute( 'placeholder' ),
    one.children.length ? '' : one.textContent
] ).filter( ( text ) => text ).map( ( text ) => text.trim() )"""


def english(language: str) -> set[str]:
    """Whole texts that a reader of another language must not meet."""
    own = texts("", language)
    return {text for key, text in texts("", "en").items() if text != own[key]}


def holds(dialog: Locator, language: str) -> None:
    """Nothing is cut off, nothing stands out, and nothing is in English."""
    assert dialog.evaluate(WIDER) == []
    assert english(language).isdisjoint(dialog.evaluate(SAID))


def opened(page: Page, address: str, language: str) -> Locator:
    page.goto(f"{address}?uselang={language}")
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
def test_every_language_fits_a_narrow_page(
    scene: Scene, title: str, browser: Browser, said: list[str], language: str
) -> None:
    runs = direction(texts("", language))
    with visiting(browser, scene, said, viewport=NARROW) as page:
        dialog = opened(page, scene.address(title), language)
        way = dialog.evaluate("( it ) => [ it.lang, getComputedStyle( it ).direction ]")
        assert way == [language, runs]
        choose(dialog, language, runs)
        dialog.locator(".cdx-dialog__footer__primary-action").click()
        undo = dialog.locator(".suggestdepicts-results button")
        undo.first.wait_for()
        assert undo.count() == 2
        # what is told has room beside the button, or above it
        told = dialog.locator(".suggestdepicts-results .cdx-message").first.bounding_box()
        assert told and told["width"] >= 120
        holds(dialog, language)


def choose(dialog: Locator, language: str, runs: str) -> None:
    chips = dialog.locator(".suggestdepicts-chip")
    # the meter fills from where a line begins
    meter = chips.nth(2).locator(".suggestdepicts-meter")
    assert edge(meter.locator("span"), runs) == edge(meter, runs)
    holds(dialog, language)
    approve(dialog, TABBY, CUP)
    chips.nth(0).locator(".suggestdepicts-chip__judge button").click()
    chips.nth(1).locator(".suggestdepicts-chip__judge button").nth(1).click()
    dialog.locator(".suggestdepicts-refine li").first.wait_for()
    holds(dialog, language)


@pytest.mark.parametrize("language", languages(""))
def test_nobody_is_asked_for_consent_in_english(
    scene: Scene, title: str, browser: Browser, said: list[str], language: str
) -> None:
    nobody: Any = {"name": "", "agreed": False, "viewport": NARROW}
    with visiting(browser, scene, said, **nobody) as page:
        page.goto(f"{scene.address(title)}?uselang={language}")
        page.locator("#suggest-depicts").click()
        dialog = page.get_by_role("dialog")
        dialog.locator(".suggestdepicts-after").wait_for()
        holds(dialog, language)
