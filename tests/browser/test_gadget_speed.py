"""How soon chips follow the press, over what the service needs; kept in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mediawiki.scene import Scene

from .gadget_page import visiting
from .ledger import LEDGER, WITHIN_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

VISITS = 4
# the time of the press, and of the frame in which the first chip is there
_CLOCK = """document.addEventListener( 'click', () => {
    const pressed = performance.now();
    new MutationObserver( ( _, watch ) => {
        if ( document.querySelector( '.suggestdepicts-chip' ) ) {
            watch.disconnect();
            requestAnimationFrame( () => {
                window.pressedAndSeen = [ pressed, performance.now() ];
            } );
        }
    } ).observe( document.documentElement, { childList: true, subtree: true } );
}, { capture: true, once: true } );"""
_OVER = """() => {
    const [ answer ] = performance.getEntriesByType( 'resource' )
        .filter( ( one ) => one.name.includes( '/suggestions?' ) );
    return window.pressedAndSeen[ 1 ] - window.pressedAndSeen[ 0 ] - answer.duration;
}"""


def over_the_service(page: Page, address: str) -> float:
    """Milliseconds from the press to the chips, without those of the service's answer."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.locator("#suggest-depicts").click()
    page.wait_for_function("window.pressedAndSeen")
    return float(page.evaluate(_OVER))


def test_chips_follow_the_answer_at_once(
    scene: Scene, title: str, browser: Browser, said: list[str]
) -> None:
    """The first press of a browser loads Vue, Codex and the core; later ones have them."""
    first, later = [], []
    for _ in range(3):
        with visiting(browser, scene, said) as page:
            page.add_init_script(_CLOCK)
            first.append(over_the_service(page, scene.address(title)))
            later += [over_the_service(page, scene.address(title)) for _ in range(VISITS - 1)]
    LEDGER.times.update({"first visit": first, "later visits": later})
    assert sorted(later)[len(later) // 2] <= WITHIN_MS
    assert said == []
