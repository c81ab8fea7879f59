"""What a person does with the gadget's dialog, and what is seen of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from . import gadget_world
from .gadget_world import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PATIENCE_MS = 30_000
AGREED = "userjs-suggest-depicts"
"""The preference, or the browser's memory, that says so; the tests of consent take it away."""
_AGREE = f"localStorage.setItem( '{AGREED}', '1' )"
# where a screen reader hears a text by itself: live regions, and what takes the focus
_HEARD = """(words) => [ ...document.querySelectorAll(
    '[role=alert], [role=status], [aria-live=polite], [aria-live=assertive]'
) ].filter( (one) => one.getAttribute( 'aria-live' ) !== 'off' ).map( (one) => one.textContent )
    .concat( document.activeElement.getAttribute( 'aria-label' ) || '' )
    .filter( (text) => text.includes( words ) ).length"""


@pytest.fixture(scope="module", name="running_scene")
def made_scene(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The gadget's wiki and service, once for a module."""
    with gadget_world.scene(tmp_path_factory.mktemp("gadget")) as made:
        yield made


@pytest.fixture(name="scene")
def made_scene_anew(running_scene: Scene) -> Iterator[Scene]:
    """The gadget's wiki and service; each test finds the wiki as it was at the start."""
    wiki = running_scene.wiki
    gadget = wiki.gadget
    wiki.state.users["Reviewer"].options[AGREED] = "1"
    yield running_scene
    wiki.state.reset()
    wiki.gadget, wiki.visitor = gadget, "Reviewer"


@pytest.fixture(name="said")
def made_said() -> list[str]:
    """Errors that the browser's console tells of; none is expected unless a test says so."""
    return []


@pytest.fixture(name="page")
def made_page(browser: Browser, said: list[str]) -> Iterator[Page]:
    """An empty page, 1280 px wide."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield watched(context.new_page(), said)


def watched(page: Page, said: list[str]) -> Page:
    """The page of a browser whose owner has agreed to ask the service; errors that its console
    tells of are added to ``said``.
    """
    page.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script(_AGREE)
    return page


def press(page: Page, address: str) -> Locator:
    """Open a file's page and press the button; the dialog."""
    page.goto(address)
    page.locator("#suggest-depicts").click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def approve(dialog: Locator, *items: str) -> None:
    for item in items:
        dialog.locator(f"[data-item={item}] button").click()


def save(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Save", exact=True).click()


def edits(scene: Scene) -> list[dict[str, str]]:
    """The parameters of every edit that was ever asked for."""
    return [seen.params for seen in scene.wiki.requests if seen.action == "wbeditentity"]


def depicted(scene: Scene, title: str) -> list[str]:
    entity = scene.wiki.state.commons.entity(scene.mid(title)) or {}
    rows = (entity.get("statements") or {}).get("P180", [])
    return [row["mainsnak"]["datavalue"]["value"]["id"] for row in rows]


def wait_for_text(dialog: Locator, text: str) -> None:
    dialog.locator(".cdx-message", has_text=text).first.wait_for()


def heard(page: Page, words: str) -> int:
    """How many times these words are read out."""
    times: int = page.evaluate(_HEARD, words)
    return times


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "document.activeElement.ariaLabel || document.activeElement.innerText.trim()"
        )
        if told == name:
            return
    raise AssertionError(f"Tab does not lead to {name!r}")
