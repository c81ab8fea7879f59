"""What a person does with the gadget's dialog on the real wiki, and what is seen of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tests.mediawiki.installed import EDITOR
from tests.mediawiki.scene import AGREED, Scene

from .axe import axe_findings
from .ledger import LEDGER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route

PATIENCE_MS: Final = 60_000
WIDE: Any = {"width": 1280, "height": 800}
NARROW: Any = {"width": 320, "height": 740}
_AGREE = f"localStorage.setItem( '{AGREED}', '1' )"
# where a screen reader hears a text by itself: live regions, and what takes the focus
_HEARD = """(words) => [ ...document.querySelectorAll(
    '[role=alert], [role=status], [aria-live=polite], [aria-live=assertive]'
) ].filter( (one) => one.getAttribute( 'aria-live' ) !== 'off' ).map( (one) => one.textContent )
    .concat( document.activeElement.getAttribute( 'aria-label' ) || '' )
    .filter( (text) => text.includes( words ) ).length"""

_NIGHT = """() => document.documentElement.classList.replace(
    'skin-theme-clientpref-day', 'skin-theme-clientpref-night' )"""

_HELD: dict[Page, list[Route]] = {}


@contextmanager
def visiting(
    browser: Browser,
    scene: Scene,
    said: list[str],
    name: str = EDITOR,
    agreed: bool = True,
    **options: Any,
) -> Iterator[Page]:
    """An empty page of somebody's, logged in by a login of their own; ``options`` as for a context.

    ``agreed``: whether this browser keeps that somebody without an account agreed to ask the
    service; of accounts the wiki keeps it (`Scene.agree`).
    """
    with browser.new_context(**{"viewport": WIDE, **options}) as context:
        context.set_default_timeout(PATIENCE_MS)
        if name:
            context.add_cookies(scene.cookies(name))
        if agreed:
            context.add_init_script(_AGREE)
        page = watched(context.new_page(), said)
        yield page
        for route in _HELD.pop(page, []):
            route.abort()


def watched(page: Page, said: list[str]) -> Page:
    """The page; what its console tells of trouble is added to ``said``."""
    page.on("console", lambda told: said.append(told.text) if _is_trouble(told) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return page


def _is_trouble(told: ConsoleMessage) -> bool:
    # MediaWiki catches what a module throws, and only logs it: "Exception in module-execute in
    # module ext.gadget...", with the stack as a warning
    return (
        told.type == "error"
        or told.text.startswith("Exception in ")
        or "suggest-depicts" in told.text
    )


def hold(page: Page, address: str) -> list[Route]:
    """Let requests there wait, until the test lets them go or the page is closed."""
    held = _HELD.setdefault(page, [])
    page.route(address, lambda route: held.append(route))
    return held


def press(page: Page, address: str) -> Locator:
    """Open a file's page and press the button; the dialog."""
    page.bring_to_front()
    page.goto(address)
    page.locator("#suggest-depicts").click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def in_front(dialog: Locator) -> None:
    """Who presses something has that tab in front."""
    dialog.page.bring_to_front()


def approve(dialog: Locator, *items: str) -> None:
    in_front(dialog)
    for item in items:
        dialog.locator(f"[data-item={item}] .suggestdepicts-chip__approve").click()


def say(dialog: Locator, words: str, label: str) -> None:
    dialog.get_by_label(f"{words}: {label}", exact=True).click()


def save(dialog: Locator) -> None:
    in_front(dialog)
    dialog.get_by_role("button", name="Save", exact=True).click()


def wait_for_text(dialog: Locator, text: str) -> None:
    dialog.locator(".cdx-message", has_text=text).first.wait_for()


def result(dialog: Locator, item: str) -> str:
    """What the list of results says of an item."""
    return dialog.locator(f".suggestdepicts-results [data-item={item}]").inner_text()


def heard(page: Page, words: str) -> int:
    """How many times these words are read out."""
    times: int = page.evaluate(_HEARD, words)
    return times


def focused(page: Page) -> str:
    """The id of what has the focus."""
    found: str = page.evaluate("document.activeElement.id")
    return found


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "document.activeElement.ariaLabel || document.activeElement.innerText.trim()"
        )
        if told == name:
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


def at_night(page: Page) -> None:
    """As if the reader had chosen dark colours; for Vector 2022 and Minerva."""
    assert page.evaluate(_NIGHT), "the page has no such choice"


def assert_accessible(page: Page) -> None:
    """axe has no serious findings in the dialog, and nothing reaches beyond the page's side."""
    # Codex's own colours of a button under the pointer are not ours to judge
    page.mouse.move(0, 0)
    found = axe_findings(page, ".suggestdepicts-dialog")
    LEDGER.counts.update(axe=1, axe_serious=len(found))
    assert found == []
    body = page.locator(".suggestdepicts-dialog .cdx-dialog__body")
    assert body.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
