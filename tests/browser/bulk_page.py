"""What a person does in the dialog that goes through a category, on a real MediaWiki."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from depicts_model.types import Qid
from tests.mediawiki.scene import OFFERED, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

_NUMBERS = count(1)


class Category:
    """A category of one's own; ``file()`` puts one into it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.name = f"Of test {next(_NUMBERS)}"

    def file(self, offered: Sequence[tuple[Qid, float]] = OFFERED, wikitext: str = "") -> str:
        return self.scene.file(offered, f"{wikitext} [[Category:{self.name}]]")

    def open(self, page: Page) -> Locator:
        """The dialog, pressed for on the category's page."""
        self.scene.wiki.mediawiki.run_jobs()
        page.goto(f"{self.scene.wiki.url}/wiki/Category:{self.name}")
        page.locator("#mw-category-media #suggest-depicts").click()
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        return dialog


def at(dialog: Locator, progress: str, title: str) -> None:
    """Wait until this file is the one that is looked at, with its suggestions."""
    dialog.get_by_role("group", name=f"{progress}: {named(title)}", exact=True).wait_for()
    dialog.locator(".suggestdepicts-chip").first.wait_for()


def press(dialog: Locator, name: str) -> None:
    dialog.get_by_role("button", name=name, exact=True).click()


def skip(dialog: Locator) -> None:
    # the second click of a double one is passed over
    dialog.page.wait_for_timeout(450)
    press(dialog, "Skip file")


def named(title: str) -> str:
    return title.partition(":")[2]


def rows(dialog: Locator) -> dict[str, str]:
    """What the list says of each file, by title."""
    dialog.get_by_role("heading", name="What became of each file").wait_for()
    texts = dialog.locator(".suggestdepicts-files > li").all_inner_texts()
    return {text.partition(":")[0].strip(): text.partition(":")[2].strip() for text in texts}


def comment(scene: Scene, title: str) -> str:
    """The summary of the file's last edit."""
    found = scene.wiki.session().query(titles=title, prop="revisions", rvprop="comment", rvlimit=1)
    text: str = found["pages"][0]["revisions"][0]["comment"]
    return text


def edits_held(page: Page) -> list[Route]:
    """Edits of statements that the page sends from now on, each held until a test lets it go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "wbeditentity" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/w/api.php", hold)
    return held


def wait_until(page: Page, so: Callable[[], bool]) -> None:
    for _ in range(100):
        if so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it does not come")
