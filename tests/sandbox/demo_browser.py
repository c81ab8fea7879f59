"""The person of the demo in a real browser: press the button, approve, save, see it saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.chromium import first_line

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE = 45.0
"""Seconds that one step on the page may take."""


class BrowserStepError(Exception):
    """A step on the page did not happen; the message names a screenshot, if one could be taken."""


def approve_on_the_page(
    browser: Browser,
    address: str,
    chosen: Mapping[str, Any],
    folder: Path,
    patience: float = PATIENCE,
) -> None:
    """Approve this suggestion on the file page with the gadget, as a person does.

    Raises:
        BrowserStepError: a step did not happen; its screenshot lies in ``folder``.
    """
    item, label = chosen["item"], chosen["label"]
    steps: tuple[tuple[str, Callable[[Page], object]], ...] = (
        ("open the file page", lambda page: page.goto(address)),
        ("press the button", open_dialog),
        ("approve", lambda page: tick(page, label)),
        ("save", lambda page: save(page, item)),
        ("reload and see the statement", lambda page: see_statement(page, item)),
    )
    from playwright.sync_api import Error

    try:
        with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
            page = context.new_page()
            page.set_default_timeout(patience * 1000)
            for name, step in steps:
                _carry_out(page, name, step, folder)
    except Error as error:  # the browser itself went away
        raise BrowserStepError(f"in the browser: {first_line(error)}") from None


def _carry_out(page: Page, name: str, step: Callable[[Page], object], folder: Path) -> None:
    from playwright.sync_api import Error

    try:
        step(page)
    except Error as error:
        seen = _photographed(page, folder / "browser-failed.png")
        raise BrowserStepError(f"in the browser, {name}: {first_line(error)}; {seen}") from None


def _photographed(page: Page, picture: Path) -> str:
    """Where the picture of the page is; a page that crashed has none."""
    from playwright.sync_api import Error

    try:
        page.screenshot(path=picture)
    except Error:
        return "no picture of it could be taken"
    return f"see {picture}"


def open_dialog(page: Page) -> None:
    """Press the gadget's button, agree where that is asked, and wait for the suggestions."""
    page.get_by_role("button", name="Suggest depicts").click()
    dialog = page.get_by_role("dialog")
    offered = dialog.get_by_text("Approve", exact=True).first
    agree = dialog.get_by_role("button", name="Agree and go on")
    agree.or_(offered).wait_for()
    if agree.is_visible():
        agree.click()
    offered.wait_for()


def tick(page: Page, label: str) -> None:
    """Approve the suggestion of this label."""
    page.get_by_role("dialog").get_by_label(f"Approve: {label}", exact=True).click()


def save(page: Page, item: str) -> None:
    """Press Save, and wait until the dialog says that this item is saved."""
    dialog = page.get_by_role("dialog")
    with page.expect_response("**/decisions"):  # the verdict is posted after the save is shown
        dialog.get_by_role("button", name="Save", exact=True).click()
        dialog.locator(f'[data-item="{item}"]').filter(has_text="Saved.").wait_for()


def see_statement(page: Page, item: str) -> None:
    """Load the page anew by the dialog's button: the statement stands on it."""
    page.get_by_role("dialog").get_by_role("button", name="Reload page").click()
    page.locator(f'#statements li[data-item="{item}"]').wait_for()
