"""Every state of the gadget's dialog, brought about on the real wiki as a person would meet it.

axe looks at each of them (`test_gadget_states`), and so does who reads docs/gadget-states.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from depicts_model.types import Failed, Skipped, SkipReason
from tests.mediawiki.scene import CUP, TABBY, TABLE, Scene

from .bulk_page import Category, rows, skip
from .gadget_page import approve, hold, press, save, say, wait_for_text

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody's page, empty yet; ``how``: the query by which all of its pages are shown."""

    scene: Scene
    title: str
    page: Page
    how: str = ""

    def press(self) -> Locator:
        """Open the file's page and press the button; the dialog."""
        return press(self.page, f"{self.scene.address(self.title)}?{self.how}")

    def approved(self, *items: str) -> Locator:
        """The dialog with these approved."""
        dialog = self.press()
        approve(dialog, *items)
        return dialog

    def saved(self, *items: str) -> Locator:
        """The dialog after these were saved."""
        dialog = self.approved(*items)
        save(dialog)
        dialog.locator(".suggestdepicts-results").wait_for()
        return dialog


# --- before and while choosing ------------------------------------------------------------------


def consent(visit: Visit) -> None:
    visit.page.context.clear_cookies()
    visit.page.add_init_script("localStorage.clear()")
    wait_for_text(visit.press(), "Before you see suggestions")


def loading(visit: Visit) -> None:
    hold(visit.page, "**/suggestions?*")
    visit.press().locator(".suggestdepicts-skeleton").first.wait_for()


def waiting(visit: Visit) -> None:
    """Nobody has looked at the file yet."""
    unseen = replace(visit, title=visit.scene.file(offered=()))
    unseen.press().get_by_text("Nobody has looked at this picture yet").first.wait_for()


def offer(visit: Visit) -> None:
    visit.press().locator(".suggestdepicts-chip").nth(2).wait_for()


def picked(visit: Visit) -> None:
    dialog = visit.approved(TABBY, CUP)
    say(dialog, "Mark as prominent", "tabby cat")


def refine(visit: Visit) -> None:
    dialog = visit.press()
    say(dialog, "Too general", "table")
    found = dialog.locator(".suggestdepicts-refine button").first
    found.wait_for()
    found.scroll_into_view_if_needed()


def search(visit: Visit) -> None:
    dialog = visit.press()
    dialog.get_by_role("button", name="Add another item").click()
    dialog.get_by_role("combobox").fill("desk")
    dialog.get_by_role("option").first.wait_for()


def anonymous(visit: Visit) -> None:
    visit.page.context.clear_cookies()
    visit.press().locator(".suggestdepicts-anonymous").wait_for()


def artwork(visit: Visit) -> None:
    visit.scene.artwork(visit.title, TABBY)
    visit.press().get_by_text("digital representation of").first.wait_for()


# --- no suggestion ------------------------------------------------------------------------------


def nothing(visit: Visit) -> None:
    visit.scene.claim(visit.title, TABBY, TABLE, CUP)
    wait_for_text(visit.press(), "The file says already")


def skipped(visit: Visit) -> None:
    visit.scene.tell(visit.title, Skipped(SkipReason.WITHHELD), "by-hand-2")
    wait_for_text(visit.press(), "left to people")


def failed(visit: Visit) -> None:
    visit.scene.tell(visit.title, Failed("http-429: slow down", 30.0), "by-hand-2")
    wait_for_text(visit.press(), "could not be looked at")


def unreachable(visit: Visit) -> None:
    visit.scene.stop()
    wait_for_text(visit.press(), "cannot be reached")


# --- after the save -----------------------------------------------------------------------------


def saving(visit: Visit) -> None:
    dialog = visit.approved(TABBY)
    hold(visit.page, "**/w/api.php")
    save(dialog)
    dialog.get_by_role("button", name="Saving").wait_for()


def saved(visit: Visit) -> None:
    visit.saved(TABBY, CUP)


def undone(visit: Visit) -> None:
    dialog = visit.saved(TABBY, CUP)
    say(dialog, "Undo", "cup")
    dialog.get_by_text("Taken back").wait_for()


def overtaken(visit: Visit) -> None:
    """Of two, somebody else has added one meanwhile, and is adding the other at this moment."""
    scene, title = visit.scene, visit.title
    scene.claim(title, TABLE)
    dialog = visit.approved(TABBY, CUP)
    scene.claim(title, CUP)
    scene.before_save(lambda: scene.claim(title, TABBY))
    save(dialog)
    dialog.get_by_text("yours was taken back").wait_for()


def refused(visit: Visit) -> None:
    visit.scene.wiki.mediawiki.read_only("maintenance")
    dialog = visit.approved(TABBY)
    save(dialog)
    wait_for_text(dialog, "Nothing was saved")


def uncertain(visit: Visit) -> None:
    dialog = visit.approved(TABBY)
    visit.page.route("**/w/api.php", lambda route: route.abort())
    save(dialog)
    wait_for_text(dialog, "not certain")


def unheard(visit: Visit) -> None:
    """The service does not hear of the verdicts."""
    visit.page.route("**/decisions", lambda route: route.abort())
    wait_for_text(visit.saved(TABBY), "Your verdicts did not reach")


def told(visit: Visit) -> None:
    dialog = visit.press()
    say(dialog, "No", "cup")
    dialog.get_by_role("button", name="Hand in").click()
    wait_for_text(dialog, "Thank you")


# --- through a category -------------------------------------------------------------------------


def category(visit: Visit) -> Locator:
    """The first file of a category."""
    files = Category(visit.scene)
    for _ in range(3):
        files.file()
    dialog = files.open(visit.page)
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    return dialog


def category_results(visit: Visit) -> None:
    """One file was saved, one skipped, then it was stopped."""
    dialog = category(visit)
    approve(dialog, TABBY, CUP)
    save(dialog)
    dialog.get_by_role("group", name="File 2 of 3").wait_for()
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    skip(dialog)
    dialog.get_by_role("group", name="File 3 of 3").wait_for()
    dialog.get_by_role("button", name="Stop").click()
    rows(dialog)


STATES: tuple[Callable[[Visit], object], ...] = (
    consent, loading, waiting, offer, picked, refine, search, anonymous, artwork,
    nothing, skipped, failed, unreachable,
    saving, saved, undone, overtaken, refused, uncertain, unheard, told,
    category, category_results,
)  # fmt: skip
"""In the order of a visit."""
